import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { countingReads } from '../testing/counting-store.ts'
import { ALICE } from '../testing/stored-rows.ts'
import { createTestLedger } from '../testing/test-ledger.ts'
import { createLedgerProofs } from './verify-ledger.ts'

const BOB = ALICE.replace(/.$/, 'B')
const WAIT_MS = 20_000

/** A journal of so many events, and what proves it. */
async function proving(events: number, options: { longEvents?: number } = {}) {
  const ledger = createTestLedger()
  for (let event = 0; event < events; event += 1) await ledger.deposit('1')
  const counted = countingReads(ledger.store)
  let rest: Promise<void> | undefined
  const store = {
    ...counted.store,
    query: async (...asked: Parameters<typeof counted.store.query>) => {
      await rest
      return counted.store.query(...asked)
    },
  }
  const { now } = ledger.clock
  const proofs = createLedgerProofs({ store, now, ...options })
  const prove = (userId = ALICE, waitMs = WAIT_MS) =>
    proofs.prove({ userId, deadline: now() + waitMs }).then(({ data }) => data)
  /** Until it is called, the store does not answer. */
  const hold = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    rest = promise
    return resolve
  }
  return { ledger, counted, prove, hold }
}

test('a short journal is replayed for every request, so damage shows at once', async () => {
  const { ledger, prove } = await proving(3)
  expect(await prove()).toMatchObject({ ok: true, events: 3 })
  await ledger.deposit('1')
  expect(await prove()).toMatchObject({ ok: true, events: 4 })
  const key = { pk: `U#${ALICE}`, sk: 'B#USD' }
  await ledger.store.transact([{ kind: 'update', key, set: { a: 1n } }], { token: 'theft' })
  expect(await prove()).toMatchObject({ ok: false })
})

test('requests of one customer at a time share one replay', async () => {
  const { counted, prove } = await proving(3)
  await prove()
  const once = counted.reads()
  counted.reset()
  await Promise.all(Array.from({ length: 10 }, () => prove()))
  expect(counted.reads()).toBe(once)
})

test('a replay that takes too long is refused in time, goes on, and its proof is there for a minute', async () => {
  const { ledger, counted, prove, hold } = await proving(3, { longEvents: 3 })
  const go = hold()
  await expect(prove(ALICE, 20)).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 5 })
  go()
  const proof = await prove()
  expect(proof).toMatchObject({ ok: true, events: 3 })
  counted.reset()
  await ledger.deposit('1')
  ledger.advance(59_000)
  expect(await prove()).toEqual(proof)
  expect(counted.reads()).toBeLessThan(3)
  ledger.advance(1_000)
  expect(await prove()).toMatchObject({ ok: true, events: 4 })
})

test('one replay runs at a time, and beyond 32 customers who wait the next is refused', async () => {
  const { prove, hold } = await proving(1)
  const go = hold()
  const waiting = Array.from({ length: 32 }, (_, index) => prove(`${BOB}${index}`))
  await expect(prove()).rejects.toMatchObject({ code: 'overloaded' })
  go()
  expect(await Promise.all(waiting)).toHaveLength(32)
  expect(await prove()).toMatchObject({ ok: true })
})

test('everything else gets its turn while a long journal is replayed', async () => {
  const { prove } = await proving(1_200)
  let turns = 0
  let over = false
  const proof = prove().finally(() => {
    over = true
  })
  while (!over) {
    await turn()
    turns += 1
  }
  expect(await proof).toMatchObject({ ok: true, events: 1_200 })
  expect(turns).toBeGreaterThan(10)
})
