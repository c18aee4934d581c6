import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideRefresh, REFRESH_GRACE_MS, type Refresh } from './decide-refresh.ts'

const ROTATED = 1_772_366_400_000
const EXPIRES = ROTATED / 1000 + 3600
const SESSION = { generation: 7n, rotatedAtMs: ROTATED, expires: EXPIRES }

/** A session as tokens of it are brought, one after the other. */
function newLife() {
  let nowMs = ROTATED
  const life = {
    session: { ...SESSION, generation: 1n, expires: 4e9 } as typeof SESSION | undefined,
    /** When each generation retired. */
    rotations: new Map<bigint, number>(),
    sinceRetired: (generation: bigint) => nowMs - (life.rotations.get(generation) ?? 0),
    bring(generation: bigint, afterMs: number): Refresh {
      nowMs += afterMs
      const { session } = life
      const refresh = decideRefresh({ session, generation, nowMs })
      if (refresh === 'reused') life.session = undefined
      if (refresh === 'rotate' && session !== undefined) {
        life.rotations.set(generation, nowMs)
        life.session = { ...session, generation: generation + 1n, rotatedAtMs: nowMs }
      }
      return refresh
    },
  }
  return life
}

describe('a refresh token', () => {
  it.each<[string, bigint, number, Refresh]>([
    ['in use rotates at once', 7n, 0, 'rotate'],
    ['in use rotates much later', 7n, 3_599_999, 'rotate'],
    ['in use is over with its session', 7n, 3_600_000, 'over'],
    ['just retired answers its successor', 6n, 0, 'replay'],
    ['just retired answers its successor to a clock that lags', 6n, -500, 'replay'],
    ['retired for less than ten seconds answers its successor', 6n, 9_999, 'replay'],
    ['retired for ten seconds is reuse', 6n, 10_000, 'reused'],
    ['retired is no reuse of a session that is over', 6n, 3_600_000, 'over'],
    ['retired before the last is reuse at once', 5n, 0, 'reused'],
    ['of the beginning is reuse', 1n, 0, 'reused'],
    ['of a generation that has not come is reuse', 8n, 0, 'reused'],
  ])('%s', (_, generation, afterMs, refresh) => {
    expect(decideRefresh({ session: SESSION, generation, nowMs: ROTATED + afterMs })).toBe(refresh)
  })

  it('of no session is over', () => {
    expect(decideRefresh({ session: undefined, generation: 7n, nowMs: ROTATED })).toBe('over')
  })

  it('is used once: whatever comes in whatever order, each generation rotates at most once', () => {
    const attempt = fc.record({
      /** How far behind the newest token ever written. */
      behind: fc.constantFrom(0n, 0n, 0n, 1n, 1n, 2n, 5n),
      afterMs: fc.constantFrom(0, 1, 500, REFRESH_GRACE_MS - 1, REFRESH_GRACE_MS, 600_000),
    })
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 40 }), (attempts) => {
        const life = newLife()
        const steps = attempts.map(({ behind, afterMs }) => {
          const newest = BigInt(life.rotations.size) + 1n
          const generation = newest > behind ? newest - behind : 1n
          const alive = life.session !== undefined
          const refresh = life.bring(generation, afterMs)
          return { age: newest - generation, alive, refresh, since: life.sinceRetired(generation) }
        })
        const when = (refresh: Refresh) => steps.filter((step) => step.refresh === refresh)
        expect(when('rotate').every(({ age, alive }) => age === 0n && alive)).toBe(true)
        expect(when('replay').every(({ age }) => age === 1n)).toBe(true)
        expect(when('replay').every(({ since }) => since < REFRESH_GRACE_MS)).toBe(true)
        expect(when('reused').length).toBeLessThanOrEqual(1)
        expect(when('over').every(({ alive }) => !alive)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('that two hold ends the session as soon as both have used theirs', () => {
    const turn = fc.record({
      who: fc.constantFrom('thief', 'owner'),
      afterMs: fc.integer({ min: REFRESH_GRACE_MS, max: 600_000 }),
    })
    fc.assert(
      fc.property(fc.array(turn, { minLength: 2, maxLength: 20 }), (turns) => {
        fc.pre(new Set(turns.map(({ who }) => who)).size === 2)
        const life = newLife()
        const held = new Map<string, bigint>()
        for (const { who, afterMs } of turns) {
          const generation = held.get(who) ?? 1n
          if (life.bring(generation, afterMs) === 'rotate') held.set(who, generation + 1n)
        }
        expect(life.session).toBeUndefined()
      }),
    )
  })
})
