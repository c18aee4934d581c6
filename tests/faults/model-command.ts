/** `npm run model -- --seeds 50000`: histories of the model, on from where they ended. */
import { playHistory } from './model-history.ts'
import { runProgramme } from './programme.ts'

await runProgramme({
  name: 'model',
  seeds: 50_000,
  async attempt(number, reached) {
    await playHistory(number, reached)
    return []
  },
  perThousand: {},
})
