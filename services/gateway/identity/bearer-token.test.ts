import { Problem } from '@cnop/contract/problem.ts'
import { describe, expect, test } from 'vitest'
import { bearerOf, isApiKey } from './bearer-token.ts'

const KEY = 'cnop_0123456789abcdef'

describe('the authorization header', () => {
  test.each([
    ['Bearer aA-_.bB0.c9', 'aA-_.bB0.c9'],
    ['bearer a.b.c', 'a.b.c'],
    [`BEARER   ${KEY}`, KEY],
    [undefined, undefined],
    ['Basic YWxpY2U6eA==', undefined],
    ['', undefined],
  ])('%j names %j', (header, token) => {
    expect(bearerOf(header)).toBe(token)
  })

  test.each([
    'Bearer',
    'Bearer abc',
    'Bearer a.b',
    'Bearer a..c',
    'Bearer a.b.',
    'Bearer a.b.c.d',
    'Bearer a.b.c==',
    'Bearer a.b+.c',
    'Bearer cnop_',
    'Bearer cnop_0123456789abcde+',
    'Bearer ',
    'Bearer a b',
    'Bearer a,b',
    'Bearer é',
    `Bearer a.b.${'a'.repeat(8193)}`,
  ])('%# is no token at all', (header) => {
    expect(() => bearerOf(header)).toThrow(new Problem('bad-token'))
  })
})

test('an access token is no API key', () => {
  expect([isApiKey(KEY), isApiKey('a.b.c'), isApiKey(`x${KEY}`)]).toEqual([true, false, false])
})
