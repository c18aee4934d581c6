/**
 * `npm run spoilt-lines -- --seeds 50 --seed 1`: for each seed every fault of every line, in an order
 * and of a kind that the seed draws. Goes on where it was with the seed that it names last.
 */
import { parseArgs } from 'node:util'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { type SpoiltLine, startSpoiltPlatform } from './spoilt-lines.ts'
import type { LineFault } from './tcp-proxy.ts'

const LINES: readonly SpoiltLine[] = ['door to order', 'door to auth', 'order to inventory']

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
})

function drawFaults(chance: () => number): readonly LineFault[] {
  const upTo = (most: number): number => 1 + Math.floor(chance() * most)
  return [
    { kind: 'latency', ms: upTo(3_000) },
    { kind: 'drip', bytes: upTo(60), everyMs: upTo(200) },
    { kind: 'black-hole' },
    { kind: 'half-open' },
    { kind: 'reset' },
    { kind: 'lost-answer' },
    { kind: 'cut', afterBytes: upTo(600) },
    { kind: 'refuse' },
  ]
}

const spoilt = await startSpoiltPlatform()
try {
  const first = Number(values.seed)
  for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
    const chance = createChance(seed)
    const all = LINES.flatMap((line) => drawFaults(chance).map((fault) => ({ line, fault })))
    const shuffled = all.map((scenario) => ({ scenario, at: chance() })).sort((a, b) => a.at - b.at)
    for (const { scenario } of shuffled) {
      const told = await spoilt.run(scenario)
      process.stdout.write(`seed ${seed} ${JSON.stringify(scenario)}: ${JSON.stringify(told)}\n`)
    }
    process.stdout.write(`goes on with --seed ${seed + 1}\n`)
  }
} finally {
  await spoilt.close()
}
