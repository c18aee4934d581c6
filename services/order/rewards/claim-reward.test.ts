import { describe, expect, it } from 'vitest'
import { usedToday } from '../cash/decide-transfer.ts'
import { readCashTransactions } from '../cash/read-cash-transactions.ts'
import { ALICE, accountOf, BOB, balanceOf } from '../testing/stored-rows.ts'
import { createTestLedger, GUESSES_PER_HOUR, RED_POCKET } from '../testing/test-ledger.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

type TestLedger = ReturnType<typeof createTestLedger>

const cashOf = async ({ store }: TestLedger): Promise<bigint | undefined> =>
  (await balanceOf(store, 'USD'))?.a

it('the right phrase pays the red pocket, any other a small reward, and the books agree', async () => {
  const ledger = createTestLedger()
  const small = await ledger.claim('good morning')
  expect(small.status).toBe(200)
  expect(JSON.parse(small.body)).toEqual({
    success: true,
    message: 'A small reward.',
    amount: '8.88',
    got_red_pocket: false,
    transaction_id: expect.any(String),
    timestamp: '2026-03-01T12:00:00.000Z',
  })
  expect(JSON.parse((await ledger.claim(RED_POCKET)).body)).toMatchObject({
    amount: '88.88',
    got_red_pocket: true,
  })
  expect(await cashOf(ledger)).toBe(97_76n)
  expect((await ledger.audit()).ok).toBe(true)
})

it('a second small reward of the day is refused, and so is anything after the red pocket', async () => {
  const ledger = createTestLedger()
  await ledger.claim('one')
  expect((await ledger.claim('two')).status).toBe(422)
  await ledger.claim(RED_POCKET)
  for (const phrase of ['three', RED_POCKET]) {
    const { status, body } = await ledger.claim(phrase)
    expect(status).toBe(422)
    expect(JSON.parse(body)).toMatchObject({ code: 'reward-claimed', instance: '/cny/claim' })
  }
  expect(await cashOf(ledger)).toBe(97_76n)
})

it('the day is the UTC day of the journal, and a clock that is set back pays nothing twice', async () => {
  const ledger = createTestLedger()
  await ledger.claim(RED_POCKET)
  ledger.advance(DAY_MS)
  expect((await ledger.claim(RED_POCKET)).status).toBe(200)
  ledger.advance(-DAY_MS)
  expect((await ledger.claim(RED_POCKET)).status).toBe(422)
  expect((await ledger.audit()).ok).toBe(true)
})

it('one key pays once, and answers the same bytes again', async () => {
  const ledger = createTestLedger()
  const by = { key: 'the-key-of-this-claim' }
  const first = await ledger.claim('one', by)
  expect(await ledger.claim('one', by)).toEqual({ ...first, replayed: true })
  await expect(ledger.claim('two', by)).rejects.toMatchObject({ code: 'idempotency-key-reused' })
  expect(await cashOf(ledger)).toBe(8_88n)
})

it('a reward is listed as one, and leaves the limit of deposits alone', async () => {
  const ledger = createTestLedger()
  await ledger.claim('one')
  await ledger.deposit('10000')
  const page = await readCashTransactions({
    store: ledger.store,
    userId: ALICE,
    query: { type: 'reward' },
  })
  expect(page.transactions).toMatchObject([{ transaction_type: 'reward', amount: '8.88' }])
  const account = await accountOf(ledger.store)
  expect(usedToday(account, account?.at ?? '').deposited).toBe(10_000_00n)
})

it('other commands of the day do not make it forgotten', async () => {
  const ledger = createTestLedger()
  await ledger.claim(RED_POCKET)
  await ledger.deposit('1')
  await ledger.withdraw('1')
  expect((await ledger.claim(RED_POCKET)).status).toBe(422)
})

describe('guessing', () => {
  const guess = (ledger: TestLedger, count: number, userId = ALICE) =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        ledger.claim(`guess ${index}`, { userId }).then(
          ({ status }) => status,
          (thrown: { code: string }) => thrown.code,
        ),
      ),
    )

  it('is over after so many wrong phrases, and the right one waits too', async () => {
    const ledger = createTestLedger()
    for (let wrong = 0; wrong < GUESSES_PER_HOUR; wrong += 1)
      expect(await guess(ledger, 1)).toEqual([wrong === 0 ? 200 : 422])
    expect(await guess(ledger, 1)).toEqual(['rate-limited'])
    await expect(ledger.claim(RED_POCKET)).rejects.toMatchObject({ retryAfterSeconds: 3600 })
    ledger.advance(HOUR_MS)
    expect((await ledger.claim(RED_POCKET)).status).toBe(200)
  })

  it('hears no more of many at once', async () => {
    const answers = await guess(createTestLedger(), GUESSES_PER_HOUR * 3)
    const heard = answers.filter((answer) => answer !== 'rate-limited')
    expect(heard.length).toBeLessThanOrEqual(GUESSES_PER_HOUR)
    expect(heard.length).toBeGreaterThan(0)
  })

  it('is counted for each customer', async () => {
    const ledger = createTestLedger()
    await guess(ledger, GUESSES_PER_HOUR)
    expect(await guess(ledger, 1, BOB)).toEqual([200])
  })
})
