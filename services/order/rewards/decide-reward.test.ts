import { describe, expect, it } from 'vitest'
import type { Account, RewardKind } from '../ledger/account-rows.ts'
import { AT, accountWith, refusalOf, toldOf } from '../testing/circumstances.ts'
import { decideReward } from './decide-reward.ts'

const decide = (kind: RewardKind, account: Account | undefined) =>
  decideReward(
    { kind, amount: 888n, transferId: 'transfer-1' },
    { account, today: AT.slice(0, 10) },
  )

it('a reward comes from outside, as a transfer of its own kind', () => {
  expect(decide('small', undefined)).toEqual({
    type: 'reward-paid',
    postings: [
      { asset: 'USD', scale: 2, a: 888n, h: 0n, xT: 0n, xF: 0n, xE: -888n, cost: 0n, realized: 0n },
    ],
    transfer: { id: 'transfer-1', kind: 'reward', asset: 'USD', amount: 888n },
    reward: 'small',
  })
})

describe('on one UTC day', () => {
  it.each<[RewardKind | undefined, RewardKind, string | undefined]>([
    [undefined, 'small', undefined],
    [undefined, 'red-pocket', undefined],
    ['small', 'small', 'reward-claimed'],
    ['small', 'red-pocket', undefined],
    ['red-pocket', 'small', 'reward-claimed'],
    ['red-pocket', 'red-pocket', 'reward-claimed'],
  ])('after %s, %s ends with %s', (rewarded, kind, code) => {
    expect(refusalOf(() => decide(kind, accountWith({ rewarded })))).toBe(code)
  })
})

it('the next day begins afresh', () => {
  const account = accountWith({ day: '2026-02-28', rewarded: 'red-pocket' })
  expect(decide('small', account)).toMatchObject({ reward: 'small' })
})

it('an account that is frozen or closed is paid nothing', () => {
  for (const status of ['frozen', 'closed'] as const)
    expect(refusalOf(() => decide('small', accountWith({ status })))).toBe('account-frozen')
})

it.each<[RewardKind, RewardKind, string]>([
  [
    'red-pocket',
    'small',
    'reward-claimed: You had the red pocket today. The next day begins at 00:00 UTC.',
  ],
  [
    'red-pocket',
    'red-pocket',
    'reward-claimed: You had the red pocket today. The next day begins at 00:00 UTC.',
  ],
  [
    'small',
    'small',
    'reward-claimed: You had the small reward today. The red pocket takes the right phrase.',
  ],
])('who had %s and asks for %s is told: %s', (rewarded, kind, sentence) => {
  expect(toldOf(() => decide(kind, accountWith({ rewarded })))).toEqual([sentence])
})
