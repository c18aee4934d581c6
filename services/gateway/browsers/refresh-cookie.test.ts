import { getProfile } from '@cnop/contract/auth.ts'
import { getBalance } from '@cnop/contract/balance.ts'
import type { Route } from '@cnop/contract/route.ts'
import { login, logout, refresh } from '@cnop/contract/session.ts'
import { expect, test } from 'vitest'
import { cookieIn, cookieOut } from './refresh-cookie.ts'

test('only the refresh cookie goes in, and only where it is needed', () => {
  const cookies = 'theme=dark; cnop_refresh=abc=; xcnop_refresh=no'
  for (const route of [login, refresh, logout] as const satisfies readonly Route[]) {
    expect(cookieIn(route, cookies)).toBe('cnop_refresh=abc=')
    expect(cookieIn(route, 'theme=dark; cnop_refreshed=1')).toBeUndefined()
    expect(cookieIn(route, undefined)).toBeUndefined()
  }
  for (const route of [getProfile, getBalance]) expect(cookieIn(route, cookies)).toBeUndefined()
})

test('two of its name both go in, so that auth takes neither', () => {
  const cookies = 'cnop_refresh=planted; theme=dark; cnop_refresh=own'
  expect(cookieIn(refresh, cookies)).toBe('cnop_refresh=planted; cnop_refresh=own')
})

test('only the refresh cookie comes out, and only of auth', () => {
  const set = 'cnop_refresh=abc; Path=/api/v1/auth; HttpOnly'
  for (const route of [login, refresh, logout]) {
    expect(cookieOut(route, set)).toBe(set)
    expect(cookieOut(route, ['other=1', set])).toBe(set)
    expect(cookieOut(route, 'other=1')).toBeUndefined()
  }
  expect(cookieOut(getBalance, set)).toBeUndefined()
})
