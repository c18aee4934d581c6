/** `npm run simulate -- --seeds 1000000`: the simulation, on from where it ended. */
import { addTo } from './coverage.ts'
import { runProgramme } from './programme.ts'
import { simulate } from './simulation.ts'
import { REACHED_PER_THOUSAND } from './simulation-coverage.ts'

await runProgramme({
  name: 'simulate',
  seeds: 1_000_000,
  async attempt(seed, reached) {
    const outcome = await simulate(seed)
    addTo(reached, outcome.reached)
    return outcome.broken
  },
  perThousand: REACHED_PER_THOUSAND,
})
