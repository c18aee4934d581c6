/**
 * `npm run recoveries -- --times 5`: kills each process of a platform of two of each so often, and
 * prints how long what was missing. The machine is as busy as it is: medians, and the worst.
 */
import { parseArgs } from 'node:util'
import { measureRecoveries, type Recovery, VICTIMS, type Victim } from './recovery.ts'

const { values } = parseArgs({ options: { times: { type: 'string', default: '5' } } })

const seen = new Map<Victim, Recovery[]>(VICTIMS.map((victim) => [victim, []]))
await measureRecoveries(Number(values.times), (victim, recovery) => {
  seen.get(victim)?.push(recovery)
  process.stderr.write(`${victim}: ${JSON.stringify(recovery)}\n`)
})

const spread = (each: readonly number[]): string => {
  const sorted = each.toSorted((left, right) => left - right)
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return `${Math.round(median)} ms, ${Math.round(sorted.at(-1) ?? Number.NaN)} ms`
}

const lines = [...seen].map(
  ([victim, each]) =>
    `| ${victim} | ${spread(each.map(({ tradingMs }) => tradingMs))} | ${spread(each.map(({ workMs }) => workMs))} |`,
)
process.stdout.write(
  `| killed ${values.times} times | customers trade again: median, worst | its own work: median, worst |\n| --- | --- | --- |\n${lines.join('\n')}\n`,
)
