/**
 * `npm run soak -- --minutes 30 --rate 100`: one table, and bench/soak-results.json beside it. Ends
 * with 1 when a book is broken, an answer is a failure, or descriptors leak.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { failuresOf, runSoak, SOAK_HEAD, soakLine } from './soak.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '100' },
    customers: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
  },
})
const options = {
  minutes: Number(values.minutes),
  rate: Number(values.rate),
  customers: Number(values.customers),
  seed: Number(values.seed),
}
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
process.stdout.write(`${JSON.stringify({ commit, ...options })}\n${SOAK_HEAD}\n`)
const soak = await runSoak({
  ...options,
  onMinute: (minute) => void process.stdout.write(`${soakLine(minute)}\n`),
})
const { before, after } = soak.descriptors
const failures = failuresOf(soak)
process.stdout.write(
  `memory ${soak.memorySlope.toFixed(2)} MB a minute, descriptors ${before} before and ${after} after\n` +
    failures.map((failure) => `${failure}\n`).join(''),
)
const file = new URL('./soak-results.json', import.meta.url)
writeFileSync(file, `${JSON.stringify({ commit, options, ...soak }, null, 2)}\n`)
process.exitCode = failures.length === 0 ? 0 : 1
