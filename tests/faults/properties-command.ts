/** `npm run properties -- --seeds 1000`: each property a thousand times for every seed. */
import { check } from 'fast-check'
import { PROPERTIES } from './core-properties.ts'
import { runProgramme } from './programme.ts'

const RUNS = 1_000

await runProgramme({
  name: 'properties',
  seeds: 1_000,
  async attempt(seed, reached) {
    const failed: string[] = []
    for (const [name, property] of Object.entries(PROPERTIES)) {
      const {
        failed: broken,
        errorInstance,
        counterexample,
      } = await check(property, { numRuns: RUNS, seed })
      reached.set(name, (reached.get(name) ?? 0) + RUNS)
      if (broken) failed.push(`${name}: ${String(errorInstance)} ${String(counterexample)}`)
    }
    return failed
  },
  perThousand: {},
})
