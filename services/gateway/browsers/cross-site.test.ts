import { Problem } from '@cnop/contract/problem.ts'
import { describe, expect, test } from 'vitest'
import { createCrossSite } from './cross-site.ts'

const crossSite = createCrossSite({ publicUrl: 'https://trade.example' })
const json = { 'content-type': 'application/json' }

const codeOf = (headers: Record<string, string>, cookie = true, method = 'POST'): string => {
  try {
    crossSite.refuse({ method, headers }, { cookie })
    return 'taken'
  } catch (error) {
    return error instanceof Problem ? error.code : 'thrown'
  }
}

describe('a route that reads the cookie', () => {
  test.each<[string, Record<string, string>]>([
    ['taken', {}],
    ['taken', { origin: 'https://trade.example', 'sec-fetch-site': 'same-origin' }],
    ['taken', { origin: 'https://inside.example:8080', host: 'inside.example:8080' }],
    ['taken', { 'sec-fetch-site': 'same-origin' }],
    ['taken', { 'sec-fetch-site': 'none' }],
    ['cross-site-request', { origin: 'https://evil.example', host: 'trade.example' }],
    ['cross-site-request', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
    ['cross-site-request', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['cross-site-request', { origin: 'http://trade.example', host: 'trade.example' }],
    ['cross-site-request', { origin: 'https://trade.example:444', host: 'trade.example' }],
    ['cross-site-request', { origin: 'https://trade.example.evil.example' }],
    [
      'cross-site-request',
      { origin: 'https://other.trade.example', 'sec-fetch-site': 'same-site' },
    ],
    ['cross-site-request', { 'sec-fetch-site': 'cross-site' }],
    ['cross-site-request', { 'sec-fetch-site': 'same-site' }],
  ])('is %s by a request with %j', (outcome, headers) => {
    expect(codeOf({ ...json, ...headers })).toBe(outcome)
  })
})

test('a route that reads none is open to any page that has a token', () => {
  expect(codeOf({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, false)).toBe(
    'taken',
  )
})

test.each([
  ['unsupported-media-type', 'application/x-www-form-urlencoded'],
  ['unsupported-media-type', 'multipart/form-data; boundary=x'],
  ['unsupported-media-type', 'text/plain'],
  ['unsupported-media-type', 'text/plain; application/json'],
  ['unsupported-media-type', 'application/jsonp'],
  ['unsupported-media-type', ''],
  ['taken', 'application/json'],
  ['taken', 'Application/JSON ; charset=utf-8'],
])('no route takes more than JSON: %s for %j', (outcome, type) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    expect(codeOf({ 'content-type': type }, false, method)).toBe(outcome)
})
