/** What every cache promises. The time is passed in, so the promises are exact. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Cache, StrikeRule } from './cache.ts'

const NOON_MS = Date.UTC(2026, 0, 1, 12)

const RULE: StrikeRule = {
  failuresMax: 5,
  windowMs: 300_000,
  blockMs: 300_000,
  blockMaxMs: 2_000_000,
}

export function describeCache(name: string, open: () => Promise<Cache>): void {
  describe(`the ${name} cache`, () => {
    let cache: Cache

    beforeEach(async () => {
      cache = await open()
    })
    afterEach(() => cache.close())

    const spendOne = (key: string, perMinute: number, nowMs: number) =>
      cache.spend([{ key, perMinute }], nowMs)

    async function allowedOf(tries: number, perMinute: number, nowMs: number): Promise<number> {
      let allowed = 0
      for (let i = 0; i < tries; i += 1) {
        if ((await spendOne('caller:all', perMinute, nowMs)).allowed) allowed += 1
      }
      return allowed
    }

    test.each([1, 2, 7, 60, 977])('an allowance of %i is that many at once', async (perMinute) => {
      expect(await allowedOf(perMinute + 3, perMinute, NOON_MS)).toBe(perMinute)
    })

    test.each([1, 7, 60, 977])('a spent allowance of %i refills evenly', async (perMinute) => {
      await allowedOf(perMinute, perMinute, NOON_MS)
      for (let tenth = 1; tenth <= 10; tenth += 1) {
        const before = Math.floor((perMinute * (tenth - 1)) / 10)
        const now = Math.floor((perMinute * tenth) / 10)
        expect(await allowedOf(perMinute + 1, perMinute, NOON_MS + tenth * 6_000)).toBe(
          now - before,
        )
      }
    })

    test('a caller at its rate is never refused, and has no window to wait for', async () => {
      await allowedOf(60, 60, NOON_MS)
      for (let second = 1; second <= 130; second += 1) {
        expect(await allowedOf(3, 60, NOON_MS + second * 1_000)).toBe(1)
      }
    })

    test('what remains, when it is whole again and when to come back are exact', async () => {
      expect(await spendOne('a:all', 3, NOON_MS)).toEqual({
        allowed: true,
        perMinute: 3,
        remaining: 2,
        resetMs: 20_000,
        retryAfterMs: 0,
      })
      await spendOne('a:all', 3, NOON_MS)
      await spendOne('a:all', 3, NOON_MS + 5_000)
      const refused = await spendOne('a:all', 3, NOON_MS + 6_000)
      expect(refused).toEqual({
        allowed: false,
        perMinute: 3,
        remaining: 0,
        resetMs: 54_000,
        retryAfterMs: 14_000,
      })
      const early = NOON_MS + 6_000 + refused.retryAfterMs - 1
      expect((await spendOne('a:all', 3, early)).allowed).toBe(false)
      expect((await spendOne('a:all', 3, early + 1)).allowed).toBe(true)
    })

    test('a refused request spends nothing, of any allowance', async () => {
      const both = [
        { key: 'a:all', perMinute: 10 },
        { key: 'a:orders', perMinute: 1 },
      ]
      expect((await cache.spend(both, NOON_MS)).allowed).toBe(true)
      for (let i = 0; i < 5; i += 1) expect((await cache.spend(both, NOON_MS)).allowed).toBe(false)
      expect((await spendOne('a:all', 10, NOON_MS)).remaining).toBe(8)
    })

    test('the tightest allowance is the one that is told', async () => {
      const spend = () =>
        cache.spend(
          [
            { key: 'a:all', perMinute: 4 },
            { key: 'a:orders', perMinute: 3 },
          ],
          NOON_MS,
        )
      expect(await spend()).toMatchObject({ perMinute: 3, remaining: 2 })
      await spendOne('a:all', 4, NOON_MS)
      await spendOne('a:all', 4, NOON_MS)
      expect(await spend()).toMatchObject({ allowed: true, perMinute: 4, remaining: 0 })
      expect(await spend()).toMatchObject({ allowed: false, perMinute: 4, retryAfterMs: 15_000 })
    })

    test('callers do not spend each other’s allowance', async () => {
      await allowedOf(5, 5, NOON_MS)
      expect((await spendOne('other:all', 5, NOON_MS)).remaining).toBe(4)
    })

    test('requests at the same moment get exactly what there is', async () => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => spendOne('a:all', 37, NOON_MS)),
      )
      expect(answers.filter(({ allowed }) => allowed)).toHaveLength(37)
    })

    test('a clock that is set back gives nothing away', async () => {
      await allowedOf(5, 5, NOON_MS)
      expect((await spendOne('caller:all', 5, NOON_MS - 3_600_000)).allowed).toBe(false)
      expect((await spendOne('caller:all', 5, NOON_MS + 12_000)).allowed).toBe(true)
    })

    const strike = (nowMs: number, key = 'alice') => cache.strike(key, RULE, nowMs)

    /** So many failures at one moment: the lengths of the blocks that they begin. */
    async function strikes(count: number, nowMs: number): Promise<number[]> {
      const lengths: number[] = []
      for (let i = 0; i < count; i += 1) lengths.push(await strike(nowMs))
      return lengths
    }

    test('the failure that is one too many begins a block, which ends to the millisecond', async () => {
      expect(await strikes(4, NOON_MS)).toEqual([0, 0, 0, 0])
      expect(await cache.blockedMs('alice', NOON_MS)).toBe(0)
      expect(await strike(NOON_MS + 1_000)).toBe(300_000)
      expect(await cache.blockedMs('alice', NOON_MS + 1_000)).toBe(300_000)
      expect(await cache.blockedMs('alice', NOON_MS + 300_999)).toBe(1)
      expect(await cache.blockedMs('alice', NOON_MS + 301_000)).toBe(0)
    })

    test.each([1, 2, 100])('%i failures are as many as the rule says', async (failuresMax) => {
      const rule = { ...RULE, failuresMax }
      for (let i = 1; i < failuresMax; i += 1)
        expect(await cache.strike('alice', rule, NOON_MS)).toBe(0)
      expect(await cache.strike('alice', rule, NOON_MS)).toBe(RULE.blockMs)
    })

    test('a failure counts for exactly the window, which has no edge to wait for', async () => {
      for (const at of [0, 100_000, 200_000, 299_999]) await strike(NOON_MS + at)
      expect(await strike(NOON_MS + 300_000)).toBe(0)
      expect(await strike(NOON_MS + 399_999)).toBe(300_000)
    })

    test('failures that are slow enough never begin a block', async () => {
      for (let i = 0; i < 100; i += 1) expect(await strike(NOON_MS + i * 75_000)).toBe(0)
    })

    test('what fails during a block neither counts nor makes it longer', async () => {
      await strikes(5, NOON_MS)
      expect(await strikes(50, NOON_MS + 299_999)).toEqual(Array(50).fill(0))
      expect(await cache.blockedMs('alice', NOON_MS + 300_000)).toBe(0)
      expect(await strikes(4, NOON_MS + 300_000)).toEqual([0, 0, 0, 0])
    })

    test('each further block is twice as long, up to the longest', async () => {
      const lengths: number[] = []
      let nowMs = NOON_MS
      for (let i = 0; i < 5; i += 1) {
        const lengthMs = (await strikes(5, nowMs)).at(-1) ?? 0
        lengths.push(lengthMs)
        nowMs += lengthMs
      }
      expect(lengths).toEqual([300_000, 600_000, 1_200_000, 2_000_000, 2_000_000])
    })

    test('a thousand blocks in a row last as long as the longest', async () => {
      let nowMs = NOON_MS
      let lengthMs = 0
      for (let i = 0; i < 1_100; i += 1) {
        lengthMs = await cache.strike('alice', { ...RULE, failuresMax: 1 }, nowMs)
        nowMs += lengthMs
      }
      expect(lengthMs).toBe(RULE.blockMaxMs)
    })

    test('a key starts afresh only when it was quiet for the longest block', async () => {
      await strikes(5, NOON_MS)
      const endMs = NOON_MS + 300_000
      await strike(endMs + 1_999_999)
      expect((await strikes(5, endMs + 3_999_998)).at(-1)).toBe(600_000)
      const secondEndMs = endMs + 3_999_998 + 600_000
      expect((await strikes(5, secondEndMs + 2_000_000)).at(-1)).toBe(300_000)
    })

    test('forgiven failures do not count, and the next block is as long as it was to be', async () => {
      await strikes(4, NOON_MS)
      await cache.forgive('alice')
      expect(await strikes(5, NOON_MS)).toEqual([0, 0, 0, 0, 300_000])
      await strikes(4, NOON_MS + 300_000)
      await cache.forgive('alice')
      expect(await strikes(5, NOON_MS + 300_000)).toEqual([0, 0, 0, 0, 600_000])
    })

    test('to forgive does not end a block, and a key that never failed has none', async () => {
      await strikes(5, NOON_MS)
      await cache.forgive('alice')
      expect(await cache.blockedMs('alice', NOON_MS)).toBe(300_000)
      await cache.forgive('bob')
      expect(await cache.blockedMs('bob', NOON_MS)).toBe(0)
    })

    test('keys neither fail nor are blocked for each other, and spend nothing', async () => {
      await strikes(5, NOON_MS)
      expect(await cache.blockedMs('alice:all', NOON_MS)).toBe(0)
      expect(await strike(NOON_MS, 'bob')).toBe(0)
      expect((await spendOne('alice', 5, NOON_MS)).remaining).toBe(4)
    })

    test('of failures at the same moment one begins the block', async () => {
      const lengths = await Promise.all(Array.from({ length: 100 }, () => strike(NOON_MS)))
      expect(lengths.filter((lengthMs) => lengthMs > 0)).toEqual([300_000])
    })

    test('a clock that is set back ends no block, lengthens none and forgets no failure', async () => {
      await strikes(4, NOON_MS)
      expect(await strike(NOON_MS - 3_600_000)).toBe(300_000)
      expect(await cache.blockedMs('alice', NOON_MS - 3_600_000)).toBe(300_000)
      expect(await strike(NOON_MS - 3_600_000)).toBe(0)
      expect(await cache.blockedMs('alice', NOON_MS + 299_999)).toBe(1)
      expect(await cache.blockedMs('alice', NOON_MS + 300_000)).toBe(0)
    })
  })
}
