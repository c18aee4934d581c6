/** One history of the model by its number, on a store of its own: for long runs, and to see one again. */
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { sample } from 'fast-check'
import type { Site } from './model-commands.ts'
import { type Reached, runModel } from './model-run.ts'
import { anyFee, anySteps } from './model-steps.ts'
import { createVirtualTime } from './virtual-time.ts'

/** Odd numbers go to one process in memory, even ones to two over a store that dawdles. */
export async function playHistory(number: number, reached: Reached): Promise<void> {
  const random = createChance(number)
  const truth = createMemoryStore({ now: () => 0 })
  if (number % 2 === 1) {
    const site = { stores: [truth], truth, random, pause: async () => {} }
    await playOn(site, number, reached)
    return
  }
  const { pause, run } = createVirtualTime(0)
  const dawdling = () => createDawdlingStore({ store: truth, chance: random, pause, pauseMsMax: 5 })
  await run(playOn({ stores: [dawdling(), dawdling()], truth, random, pause }, number, reached))
}

/** As many histories as there are numbers can be played on one store: each has an account of its own. */
export async function playOn(site: Site, number: number, reached: Reached): Promise<void> {
  const [steps = []] = sample(anySteps, { seed: number, numRuns: 1 })
  const [feeBasisPoints = 0n] = sample(anyFee, { seed: number, numRuns: 1 })
  const userId = `01J${String(number).padStart(23, '0')}`
  await runModel(site, { userId, feeBasisPoints, steps }, reached)
}
