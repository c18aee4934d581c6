import { expect, it } from 'vitest'
import { accountWith } from '../testing/circumstances.ts'
import { assertActive } from './decide-account.ts'

it('an account that is active, or has never moved anything, may move', () => {
  expect(() => assertActive(undefined)).not.toThrow()
  expect(() => assertActive(accountWith())).not.toThrow()
})

it.each([
  ['frozen', 'The account is frozen; ask the operator.'],
  ['closed', 'The account is closed.'],
] as const)('an account that is %s is refused, and told so', (status, detail) => {
  const refusal = expect.objectContaining({ code: 'account-frozen', detail })
  expect(() => assertActive(accountWith({ status }))).toThrow(refusal)
})
