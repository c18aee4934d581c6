import { describe, expect, it } from 'vitest'
import { addTo, described, tooRare } from './coverage.ts'
import { simulate } from './simulation.ts'
import { REACHED_PER_THOUSAND } from './simulation-coverage.ts'

const SEEDS = 2_000

describe('the order service on a store that fails', () => {
  it(`keeps its books and its word in ${SEEDS} seeds of faults, crashes and repeats`, async () => {
    const reached = new Map<string, number>()
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const outcome = await simulate(seed)
      expect(outcome.broken, `seed ${seed}`).toEqual([])
      addTo(reached, outcome.reached)
    }
    expect(tooRare(reached, REACHED_PER_THOUSAND), described(reached)).toEqual([])
  }, 600_000)

  it('does the same again for the same seed', async () => {
    for (const seed of [3, 33, 333]) {
      expect((await simulate(seed)).trace).toBe((await simulate(seed)).trace)
    }
    expect((await simulate(3)).trace).not.toBe((await simulate(4)).trace)
  })
})
