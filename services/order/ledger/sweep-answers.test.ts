import { sweepExpired } from '@cnop/kit/store/expiry.ts'
import { expect, test } from 'vitest'
import { ALICE } from '../testing/stored-rows.ts'
import { createTestLedger } from '../testing/test-ledger.ts'
import { IDEMPOTENCY_RANGE, idempotencyKey } from './idempotency-rows.ts'

const DAY_MS = 86_400_000

test('an answer is replayed for thirty days; its row goes a day later, and the books stay whole', async () => {
  const ledger = createTestLedger()
  const { store, clock } = ledger
  const sweep = async (): Promise<number> => {
    const swept = { store, range: IDEMPOTENCY_RANGE, nowMs: clock.now() }
    return (await sweepExpired({ ...swept, place: undefined })).deleted
  }
  const key = 'a-key-of-sixteen-letters'
  const first = await ledger.deposit('100', { key })
  await ledger.withdraw('4999', { key: 'a-refusal-of-sixteen' })
  ledger.advance(30 * DAY_MS - 1000)
  expect(await sweep()).toBe(0)
  expect(await ledger.deposit('100', { key })).toEqual({ ...first, replayed: true })

  ledger.advance(DAY_MS + 1000)
  expect(await sweep()).toBe(2)
  expect(await store.snapshot([idempotencyKey(ALICE, key)])).toEqual([undefined])
  expect(await ledger.audit()).toMatchObject({ ok: true, events: 1 })
  expect(await ledger.deposit('100', { key })).toMatchObject({ status: 201, replayed: false })
  expect(await ledger.audit()).toMatchObject({ ok: true, events: 2 })
})
