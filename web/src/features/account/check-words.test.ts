import { expect, it } from 'vitest'
import { meaningOf, ruleOf } from './check-words.ts'

it('a check is its rule and what it says', () => {
  expect(ruleOf({ name: 'L10: trades are rounded: once' })).toEqual({
    rule: 'L10',
    says: 'Trades are rounded: once',
  })
})

it('a check that these pages do not know speaks for itself', () => {
  expect(ruleOf({ name: 'something new' })).toEqual({ rule: undefined, says: 'Something new' })
  expect(meaningOf('Z9')).toBeUndefined()
  expect(meaningOf(undefined)).toBeUndefined()
})
