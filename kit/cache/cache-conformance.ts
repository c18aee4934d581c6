/** What every cache promises. The time is passed in, so the promises are exact. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Cache } from './cache.ts'

const NOON_MS = Date.UTC(2026, 0, 1, 12)

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
  })
}
