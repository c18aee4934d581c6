/**
 * `npm run bench [-- --quick | --only orders --rounds 5 --seconds 15]`: one table, and
 * bench/results.json beside it.
 *
 * Every gate is a ratio between baseline and product measured in turn in one run; the machine is
 * shared, so absolute figures are printed and never promised.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { benchCapacity } from './capacity.ts'
import { benchGrowth } from './growth.ts'
import { type Row, SERVER_CPU } from './measure.ts'
import type { BenchOptions } from './options.ts'
import { benchOrders } from './orders.ts'
import { benchReads } from './reads.ts'
import { benchReplicas } from './replicas.ts'
import { benchStreams } from './streams.ts'

const SUITES: readonly (readonly [string, (options: BenchOptions) => Promise<readonly Row[]>])[] = [
  ['orders', benchOrders],
  ['reads', benchReads],
  ['streams', benchStreams],
  ['growth', benchGrowth],
  ['capacity', benchCapacity],
  ['replicas', benchReplicas],
]

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '15' },
    quick: { type: 'boolean', default: false },
  },
})
const options: BenchOptions = values.quick
  ? { rounds: 3, seconds: 3, pastOrders: 10_000 }
  : { rounds: Number(values.rounds), seconds: Number(values.seconds), pastOrders: 100_000 }

// The baseline without a server runs in this process, so it stands on the server's core too.
if (process.platform === 'linux')
  execFileSync('taskset', ['-cp', String(SERVER_CPU), String(process.pid)])

const rows: Row[] = []
for (const [name, suite] of SUITES) {
  if (values.only === undefined || values.only === name) rows.push(...(await suite(options)))
}

const verdict = (row: Row): string => {
  if (row.reached === undefined) return ''
  return row.reached ? 'reached' : 'NOT REACHED'
}
const machine = `${cpus()[0]?.model} x ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const lines = [
  '| id | work | product | baseline in the same run | ratio | to reach | |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...rows.map(
    (row) =>
      `| ${row.id} | ${row.work} | ${row.product} | ${row.baseline} | ${row.ratio?.toFixed(2) ?? ''} | ${row.toReach} | ${verdict(row)} |`,
  ),
]
process.stdout.write(
  `${machine}, commit ${commit}, ${options.rounds} rounds of ${options.seconds} s\n\n${lines.join('\n')}\n`,
)
writeFileSync(
  new URL('./results.json', import.meta.url),
  `${JSON.stringify({ machine, commit, at: new Date().toISOString(), options, rows }, null, 2)}\n`,
)
