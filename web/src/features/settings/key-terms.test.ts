import { createApiKey } from '@cnop/contract/api-key.ts'
import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { addressesIn, type KeyForm, termsOf } from './key-terms.ts'

const NOW = Date.parse('2026-03-10T12:00:00Z')
const FORM: KeyForm = {
  name: 'Rebalancing bot',
  password: 'a good long password',
  scopes: { read: true, trade: false },
  addresses: '',
  expiry: 'never',
  day: '',
}

describe('the terms of a new key', () => {
  it('leave out what was left empty', () => {
    expect(termsOf(FORM, NOW)).toEqual({
      name: 'Rebalancing bot',
      password: 'a good long password',
      scopes: ['read'],
    })
  })

  it.each([
    ['30', '', '2026-04-09T12:00:00.000Z'],
    ['365', '', '2027-03-10T12:00:00.000Z'],
    ['day', '2026-05-01', '2026-05-01T23:59:59Z'],
  ] as const)('end after %s %s', (expiry, day, expires_at) => {
    expect(termsOf({ ...FORM, expiry, day }, NOW)).toMatchObject({ expires_at })
  })

  it('are what the contract takes', () => {
    const full = {
      ...FORM,
      scopes: { read: true, trade: true },
      addresses: '203.0.113.7, 10.0.0.0/8',
      expiry: '90',
    } as const
    const terms = termsOf(full, NOW)
    expect(terms.addresses).toEqual(['203.0.113.7', '10.0.0.0/8'])
    expect(Value.Check(createApiKey.body ?? {}, terms)).toBe(true)
  })

  it('separate addresses however they were separated', () => {
    expect(addressesIn(' 203.0.113.7,10.0.0.0/8;\n2001:db8::/32 ,')).toEqual([
      '203.0.113.7',
      '10.0.0.0/8',
      '2001:db8::/32',
    ])
  })
})
