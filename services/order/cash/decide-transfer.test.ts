import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ORDER_RULES_DEFAULT } from '../order-rules.ts'
import { AT, accountWith, balanceWith, refusalOf, toldOf } from '../testing/circumstances.ts'
import { decideTransfer, type TransferCircumstances, usedToday } from './decide-transfer.ts'

const decide = (
  kind: 'deposit' | 'withdrawal',
  amount: string,
  columns: Partial<TransferCircumstances> = {},
) =>
  decideTransfer(
    { kind, amount, transferId: 'transfer-1' },
    {
      account: accountWith(),
      cash: balanceWith({ a: 600_000n, h: 100n }),
      rules: ORDER_RULES_DEFAULT,
      at: AT,
      ...columns,
    },
  )

it('a deposit comes from outside', () => {
  expect(decide('deposit', '12.34')).toMatchObject({
    type: 'cash-deposited',
    postings: [{ asset: 'USD', scale: 2, a: 1_234n, xE: -1_234n, h: 0n, xT: 0n, xF: 0n }],
    transfer: { id: 'transfer-1', kind: 'deposit', asset: 'USD', amount: 1_234n },
  })
})

it('a withdrawal goes outside', () => {
  expect(decide('withdrawal', '12.34')).toMatchObject({
    type: 'cash-withdrawn',
    postings: [{ asset: 'USD', a: -1_234n, xE: 1_234n }],
    transfer: { kind: 'withdrawal', amount: -1_234n },
  })
})

describe('a transfer is refused', () => {
  it.each([
    ['0', 'invalid-input amount'],
    ['-5', 'invalid-input amount'],
    ['0.001', 'invalid-input amount'],
    ['1e3', 'invalid-input amount'],
    ['', 'invalid-input amount'],
    ['10000.01', 'daily-limit-exceeded'],
    ['99999999999999999999', 'daily-limit-exceeded'],
  ])('when %j is to be deposited', (amount, code) => {
    expect(refusalOf(() => decide('deposit', amount))).toBe(code)
  })

  it.each([
    ['0', 'invalid-input amount'],
    ['5000.01', 'daily-limit-exceeded'],
    ['5000', undefined],
  ])('when %j is to be withdrawn', (amount, code) => {
    expect(refusalOf(() => decide('withdrawal', amount))).toBe(code)
  })

  it('when it is more than is available, held cash not counted', () => {
    const cash = balanceWith({ a: 1_000n, h: 5_000n })
    expect(refusalOf(() => decide('withdrawal', '10.01', { cash }))).toBe('insufficient-funds')
    expect(refusalOf(() => decide('withdrawal', '10.00', { cash }))).toBeUndefined()
    expect(refusalOf(() => decide('withdrawal', '0.01', { cash: undefined }))).toBe(
      'insufficient-funds',
    )
  })

  it.each(['frozen', 'closed'] as const)('while the account is %s, both ways', (status) => {
    const account = accountWith({ status })
    expect(refusalOf(() => decide('deposit', '1', { account }))).toBe('account-frozen')
    expect(refusalOf(() => decide('withdrawal', '1', { account }))).toBe('account-frozen')
  })

  it('for bad input before anything else', () => {
    const account = accountWith({ status: 'frozen' })
    expect(refusalOf(() => decide('deposit', '0', { account }))).toBe('invalid-input amount')
  })
})

describe('the limit is of a UTC day', () => {
  it('and counts what the day has seen', () => {
    const account = accountWith({ depositedToday: 999_999n, withdrawnToday: 499_999n })
    expect(refusalOf(() => decide('deposit', '0.01', { account }))).toBeUndefined()
    expect(refusalOf(() => decide('deposit', '0.02', { account }))).toBe('daily-limit-exceeded')
    expect(refusalOf(() => decide('withdrawal', '0.01', { account }))).toBeUndefined()
    expect(refusalOf(() => decide('withdrawal', '0.02', { account }))).toBe('daily-limit-exceeded')
  })

  it('and begins anew at midnight', () => {
    const account = accountWith({ depositedToday: 1_000_000n, withdrawnToday: 500_000n })
    expect(usedToday(account, '2026-03-01T23:59:59.999Z')).toEqual({
      deposited: 1_000_000n,
      withdrawn: 500_000n,
    })
    expect(usedToday(account, '2026-03-02T00:00:00.000Z')).toEqual({ deposited: 0n, withdrawn: 0n })
    expect(usedToday(undefined, AT)).toEqual({ deposited: 0n, withdrawn: 0n })
  })

  it('and holds for every sequence of deposits', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 600_000 }), { maxLength: 30 }), (amounts) => {
        let depositedToday = 0n
        for (const cents of amounts) {
          const account = accountWith({ depositedToday })
          const refused = refusalOf(() => decide('deposit', (cents / 100).toFixed(2), { account }))
          const fits = depositedToday + BigInt(cents) <= ORDER_RULES_DEFAULT.depositPerDayMax
          expect(refused).toBe(fits ? undefined : 'daily-limit-exceeded')
          if (fits) depositedToday += BigInt(cents)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('who is refused is told', () => {
  const used = accountWith({ depositedToday: 123_456n, withdrawnToday: 499_999n })
  const usedUp = accountWith({ depositedToday: 1_000_000n, withdrawnToday: 500_000n })
  /** An operator has lowered the limits since. */
  const beyond = accountWith({ depositedToday: 1_000_001n, withdrawnToday: 500_001n })

  it.each<['deposit' | 'withdrawal', string, string, Partial<TransferCircumstances>]>([
    ['deposit', '0', 'invalid-input amount: Use an amount of more than zero.', {}],
    ['deposit', '0.001', 'invalid-input amount: Use at most 2 decimal places.', {}],
    [
      'deposit',
      '8765.45',
      'daily-limit-exceeded: You can deposit 8765.44 USD more today (UTC) of 10000.00 USD.',
      { account: used },
    ],
    [
      'deposit',
      '0.01',
      'daily-limit-exceeded: You can deposit 0.00 USD more today (UTC) of 10000.00 USD.',
      { account: usedUp },
    ],
    [
      'deposit',
      '0.01',
      'daily-limit-exceeded: You can deposit 0.00 USD more today (UTC) of 10000.00 USD.',
      { account: beyond },
    ],
    [
      'withdrawal',
      '0.02',
      'daily-limit-exceeded: You can withdraw 0.01 USD more today (UTC) of 5000.00 USD.',
      { account: used },
    ],
    [
      'withdrawal',
      '0.01',
      'daily-limit-exceeded: You can withdraw 0.00 USD more today (UTC) of 5000.00 USD.',
      { account: beyond },
    ],
    [
      'withdrawal',
      '10.01',
      'insufficient-funds: 10.00 USD is available.',
      { cash: balanceWith({ a: 1_000n, h: 5_000n }) },
    ],
    ['withdrawal', '0.01', 'insufficient-funds: 0.00 USD is available.', { cash: undefined }],
  ])('of a %s of %s: %s', (kind, amount, sentence, circumstances) => {
    expect(toldOf(() => decide(kind, amount, circumstances))).toEqual([sentence])
  })
})
