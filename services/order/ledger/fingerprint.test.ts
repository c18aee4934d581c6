import { deposit, withdraw } from '@cnop/contract/balance.ts'
import { expect, it } from 'vitest'
import { fingerprintOf } from './fingerprint.ts'

const asked = {
  route: deposit,
  params: { order_id: 'one' },
  body: { amount: '5', note: { a: 1, b: 2 } },
}

it('a request has the same fingerprint whatever the order of its fields', () => {
  const turned = { note: { b: 2, a: 1 }, amount: '5' }
  expect(fingerprintOf({ ...asked, body: turned })).toBe(fingerprintOf(asked))
})

it.each([
  ['another route', { ...asked, route: withdraw }],
  ['another parameter', { ...asked, params: { order_id: 'two' } }],
  ['another value', { ...asked, body: { ...asked.body, amount: '6' } }],
  ['another value deep inside', { ...asked, body: { amount: '5', note: { a: 1, b: 3 } } }],
  ['a field more', { ...asked, body: { ...asked.body, extra: true } }],
  ['no body', { ...asked, body: undefined }],
])('%s makes another fingerprint', (_, other) => {
  expect(fingerprintOf(other)).not.toBe(fingerprintOf(asked))
})

it('the order of a list is part of what is asked', () => {
  expect(fingerprintOf({ ...asked, body: [1, 2] })).not.toBe(
    fingerprintOf({ ...asked, body: [2, 1] }),
  )
})
