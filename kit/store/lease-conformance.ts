/** What a lease promises over any store: one holder, one epoch for each, and no harm by the last one. */
import { describe, expect, test } from 'vitest'
import { createLease, type Grip } from './lease.ts'
import { type Store, StoreFault } from './store.ts'

const TERM_MS = 3_000

export function leaseConformance(name: string, open: () => Promise<Store>): void {
  describe(`a lease in the ${name} store`, () => {
    async function holders(...names: readonly string[]) {
      const store = await open()
      const clocks = new Map<string, number>()
      const leases = names.map((owner) =>
        createLease({
          store,
          name: 'prices',
          owner,
          elapsedMs: () => clocks.get(owner) ?? 0,
          termMs: TERM_MS,
        }),
      )
      const pass = (ms: number, ...owners: readonly string[]): void => {
        for (const owner of owners) clocks.set(owner, (clocks.get(owner) ?? 0) + ms)
      }
      return { store, leases, pass }
    }

    const write = (store: Store, grip: Grip, value: bigint): Promise<void> =>
      store.transact(
        [{ kind: 'put', key: { pk: 'effect', sk: 'x' }, row: { value } }, grip.fence],
        { token: `an-effect-of-the-test-${grip.epoch}-${value}` },
      )

    const codeOf = (attempt: Promise<unknown>): Promise<string> =>
      attempt.then(
        () => 'done',
        (error: unknown) => (error instanceof StoreFault ? error.code : String(error)),
      )

    test('has one holder, however many ask at once', async () => {
      const { leases, store } = await holders('a', 'b', 'c', 'd')
      const grips = await Promise.all(leases.map((lease) => lease.hold()))
      expect(grips.filter((grip) => grip !== undefined)).toHaveLength(1)
      await store.close()
    })

    test('stays with who renews it, at the same epoch, for as long as that goes on', async () => {
      const { leases, pass, store } = await holders('a', 'b')
      const [first, second] = leases
      for (let i = 0; i < 10; i += 1) {
        expect((await first?.hold())?.epoch).toBe(1n)
        expect(await second?.hold()).toBeUndefined()
        pass(TERM_MS - 1, 'a', 'b')
      }
      await store.close()
    })

    test('goes to another a whole term after the last sign of life, and not before', async () => {
      const { leases, pass, store } = await holders('a', 'b')
      const [first, second] = leases
      await first?.hold()
      await second?.hold()
      pass(TERM_MS - 1, 'b')
      expect(await second?.hold()).toBeUndefined()
      pass(1, 'b')
      expect((await second?.hold())?.epoch).toBe(2n)
      expect(await first?.hold()).toBeUndefined()
      await store.close()
    })

    test('lets a holder that was paused do nothing once it has changed hands', async () => {
      const { leases, pass, store } = await holders('a', 'b')
      const [first, second] = leases
      const old = (await first?.hold()) as Grip
      expect(await codeOf(write(store, old, 1n))).toBe('done')
      await second?.hold()
      pass(TERM_MS, 'b')
      const grip = (await second?.hold()) as Grip
      expect(await codeOf(write(store, old, 2n))).toBe('condition-failed')
      expect(await codeOf(write(store, grip, 3n))).toBe('done')
      const [row] = await store.snapshot([grip.key])
      expect([old.holds(row), grip.holds(row), grip.holds(undefined)]).toEqual([false, true, false])
      await store.close()
    })

    test('goes to the next at once when it is let go, and the same one may have it again', async () => {
      const { leases, store } = await holders('a', 'b')
      const [first, second] = leases
      await first?.hold()
      expect(await second?.hold()).toBeUndefined()
      await second?.release()
      expect((await first?.hold())?.epoch).toBe(1n)
      await first?.release()
      expect((await second?.hold())?.epoch).toBe(2n)
      await second?.release()
      expect((await first?.hold())?.epoch).toBe(3n)
      await store.close()
    })

    test('is not taken by a clock that jumps, of anyone but the one who watches', async () => {
      const { leases, pass, store } = await holders('a', 'b')
      const [first, second] = leases
      await first?.hold()
      await second?.hold()
      pass(100 * TERM_MS, 'a')
      expect((await first?.hold())?.epoch).toBe(1n)
      expect(await second?.hold()).toBeUndefined()
      pass(100 * TERM_MS, 'b')
      await first?.hold()
      expect(await second?.hold()).toBeUndefined()
      await store.close()
    })
  })
}
