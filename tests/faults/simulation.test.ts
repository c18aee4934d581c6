import { describe, expect, it } from 'vitest'
import { type Outcome, simulate } from './simulation.ts'

const SEEDS = 500

/** What the seeds together must have met; a generator that no longer reaches it proves nothing. */
const REACHED_AT_LEAST: Readonly<Record<string, number>> = {
  'deposit done': 2_000,
  'deposit daily-limit-exceeded': 100,
  'withdraw done': 500,
  'withdraw insufficient-funds': 100,
  'claimReward done': 200,
  'claimReward reward-claimed': 50,
  'market_buy done': 1_000,
  'market_buy insufficient-funds': 100,
  'market_buy asset-halted': 30,
  'market_sell done': 200,
  'market_sell insufficient-holdings': 100,
}

const FAULTS_AT_LEAST = {
  lostRequest: 1_000,
  lostReply: 1_000,
  conflict: 1_000,
  throttled: 1_000,
  crash: 200,
}

const sumOf = (records: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sum: Record<string, number> = {}
  for (const record of records) {
    for (const [name, count] of Object.entries(record)) sum[name] = (sum[name] ?? 0) + count
  }
  return sum
}

describe('the order service on a store that fails', () => {
  it(`keeps its books and its word in ${SEEDS} seeds of faults, crashes and repeats`, async () => {
    const outcomes: Outcome[] = []
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const outcome = await simulate(seed)
      expect(outcome.broken, `seed ${seed}`).toEqual([])
      outcomes.push(outcome)
    }
    const faults = sumOf(outcomes.map((outcome) => outcome.faults))
    const reached = sumOf(outcomes.map((outcome) => outcome.reached))
    for (const [kind, least] of Object.entries(FAULTS_AT_LEAST)) {
      expect(faults[kind], `${kind} of ${JSON.stringify(faults)}`).toBeGreaterThan(least)
    }
    for (const [ending, least] of Object.entries(REACHED_AT_LEAST)) {
      expect(reached[ending], `${ending} of ${JSON.stringify(reached)}`).toBeGreaterThan(least)
    }
  }, 180_000)

  it('does the same again for the same seed', async () => {
    for (const seed of [3, 33, 333]) {
      expect((await simulate(seed)).trace).toBe((await simulate(seed)).trace)
    }
    expect((await simulate(3)).trace).not.toBe((await simulate(4)).trace)
  })
})
