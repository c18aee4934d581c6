/** `npm run fuzz -- --seconds 600 --seed 7`: fuzzes a platform of its own, and audits its books. */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { auditOf } from '../audits.ts'
import { startTogether } from '../topologies.ts'
import { printed, runFuzz, UNLIMITED } from './run-fuzz.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? randomInt(2 ** 31))
process.stdout.write(`seed ${seed}, ${values.seconds} seconds\n`)

const platform = await startTogether({ env: UNLIMITED })
try {
  const fuzzed = await runFuzz(platform, { seconds: Number(values.seconds), seed })
  const audit = await auditOf(platform.dataDir)
  process.stdout.write(`${printed(fuzzed)}\n${audit.said}\n`)
  if (fuzzed.failure !== undefined) process.stderr.write(`${fuzzed.failure}\n`)
  if (fuzzed.failure !== undefined || !audit.clean) process.exitCode = 1
} finally {
  await platform.stop()
}
