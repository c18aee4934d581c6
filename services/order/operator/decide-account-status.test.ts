import { expect, it } from 'vitest'
import { accountWith } from '../testing/circumstances.ts'
import { decideAccountStatus } from './decide-account-status.ts'

const FREEZE = { status: 'frozen', reason: 'asked by the customer' } as const
const RELEASE = { status: 'active', reason: 'all is well' } as const

it('an account is frozen and released, each time with a reason', () => {
  expect(decideAccountStatus(FREEZE, accountWith())).toEqual({
    type: 'account-status-set',
    postings: [],
    accountStatus: 'frozen',
    reason: 'asked by the customer',
  })
  const frozen = accountWith({ status: 'frozen' })
  expect(decideAccountStatus(RELEASE, frozen)).toMatchObject({ accountStatus: 'active' })
})

it('an account that is so already does not change', () => {
  expect(decideAccountStatus(RELEASE, accountWith())).toBeUndefined()
  expect(decideAccountStatus(FREEZE, accountWith({ status: 'frozen' }))).toBeUndefined()
})

it('an account that never moved anything can be frozen, and is active already', () => {
  expect(decideAccountStatus(FREEZE, undefined)).toMatchObject({ accountStatus: 'frozen' })
  expect(decideAccountStatus(RELEASE, undefined)).toBeUndefined()
})
