import { assert, sample } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anySituation, filledOf, PROPERTIES } from './core-properties.ts'

const RUNS = 10_000
const SEED = 20_260_130

describe(`whatever is given to the core, ${RUNS} times`, { timeout: 120_000 }, () => {
  it.each(Object.entries(PROPERTIES))('%s', async (_, property) => {
    await assert(property, { numRuns: RUNS, seed: SEED })
  })

  it('many of the trades that are drawn are made', () => {
    const drawn = sample(anySituation, { numRuns: RUNS, seed: SEED })
    expect(filledOf(drawn)).toBeGreaterThan(RUNS / 50)
  })
})
