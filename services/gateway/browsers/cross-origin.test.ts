import { expect, test } from 'vitest'
import { createCrossOrigin } from './cross-origin.ts'

const origin = 'https://pages.example'
const cors = createCrossOrigin([origin])
const asking = { 'access-control-request-method': 'PUT' }

test('a page of a configured origin may read the answer, and no cookie is its to send', () => {
  expect(cors.headersFor({ origin })).not.toHaveProperty('access-control-allow-credentials')
  expect(cors.headersFor({ origin })).toMatchObject({
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': expect.stringMatching(
      /idempotent-replayed.*retry-after.*x-ratelimit-limit.*x-ratelimit-remaining.*x-ratelimit-reset.*x-request-id/,
    ),
  })
  expect(cors.preflight('OPTIONS', { origin, ...asking })).toMatchObject({
    'access-control-allow-methods': expect.stringContaining('PUT'),
    'access-control-allow-headers': expect.stringContaining('x-second-factor'),
  })
})

test.each(['https://evil.example', 'null', 'http://pages.example', `${origin}.evil.example`, '*'])(
  'a page of %s may not, and caches know that it depends',
  (other) => {
    expect(cors.headersFor({ origin: other })).toEqual({ vary: 'Origin' })
    expect(cors.preflight('OPTIONS', { origin: other, ...asking })).toBeUndefined()
  },
)

test('only a question is a question', () => {
  expect(cors.preflight('OPTIONS', { origin })).toBeUndefined()
  expect(cors.preflight('GET', { origin, ...asking })).toBeUndefined()
})

test('without a configured origin nothing is said', () => {
  const none = createCrossOrigin([])
  expect(none.headersFor({ origin })).toEqual({})
  expect(none.preflight('OPTIONS', { origin, ...asking })).toBeUndefined()
})
