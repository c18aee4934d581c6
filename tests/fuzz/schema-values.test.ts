/** The fuzz is worth what its values are worth. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { type Answered, faultsOf } from './check-answer.ts'
import { operationsOf, type Schema } from './openapi.ts'
import { fitting, spoiled } from './schema-values.ts'

const DOCUMENT = new URL('../../docs/openapi.json', import.meta.url)
const operations = operationsOf(JSON.parse(readFileSync(DOCUMENT, 'utf8')))
const noHints = () => undefined

const inputs: readonly (readonly [string, Schema])[] = operations.flatMap(
  ({ id, body, parameters }) => [
    ...(body === undefined ? [] : [[`the body of ${id}`, body.schema] as const]),
    ...parameters.map(({ name, schema }) => [`${name} of ${id}`, schema] as const),
  ],
)

describe('the description', () => {
  it('holds no reference any more once it is read', () => {
    expect(JSON.stringify(operations)).not.toContain('$ref')
    expect(operations.length).toBeGreaterThan(30)
  })
})

describe.each(inputs)('%s', (_, schema) => {
  const validator = Compile(schema)

  it('is given values that fit', () => {
    fc.assert(
      fc.property(fitting(schema, noHints), (value) => validator.Check(value)),
      { numRuns: 50 },
    )
  })

  it('is given values that do not', () => {
    const values = fc.sample(spoiled(schema, noHints), 200)
    expect(values.filter((value) => !validator.Check(value)).length).toBeGreaterThan(20)
  })
})

describe('an answer', () => {
  const operation = operations.find(({ id }) => id === 'getBalance')
  if (operation === undefined) throw new Error('There is no such operation.')
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'x-request-id': 'a',
    'x-ratelimit-limit': '1',
    'x-ratelimit-remaining': '1',
    'x-ratelimit-reset': '1795215001',
    'content-security-policy':
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  }
  const balance = {
    current_balance: '1.00',
    available_balance: '1.00',
    held_balance: '0.00',
    currency: 'USD',
    updated_at: '2026-01-01T00:00:00.000Z',
  }
  const refusal = { type: '/x', title: 'x', status: 401, code: 'not-signed-in' }
  const asProblem = { 'content-type': 'application/problem+json', 'www-authenticate': 'Bearer' }

  const answered = (
    change: Partial<Omit<Answered, 'headers' | 'body'>> & { headers?: object; body?: unknown },
  ) =>
    faultsOf(operation, {
      status: change.status ?? 200,
      tookMs: change.tookMs ?? 5,
      headers: new Headers({ ...headers, ...change.headers }),
      body: typeof change.body === 'string' ? change.body : JSON.stringify(change.body ?? balance),
    })

  it('that is promised has no fault', () => {
    expect(answered({})).toEqual([])
    expect(answered({ status: 401, headers: asProblem, body: refusal })).toEqual([])
  })

  it.each([
    ['of another status', { status: 202 }],
    [
      'of a failure',
      { status: 500, headers: asProblem, body: { ...refusal, code: 'internal-error' } },
    ],
    ['of another type', { headers: { 'content-type': 'text/html' } }],
    ['of a slow service', { tookMs: 60_000 }],
    ['with money as a number', { body: { ...balance, held_balance: 0 } }],
    ['without a field', { body: { ...balance, updated_at: undefined } }],
    ['with an ill-formed time', { body: { ...balance, updated_at: 'now' } }],
    ['that is no JSON', { body: '{' }],
    ['without a rate limit', { headers: { 'x-ratelimit-limit': '' } }],
    ['that may be framed', { headers: { 'content-security-policy': "default-src 'none'" } }],
    [
      'of a code that is not listed',
      { status: 401, headers: asProblem, body: { ...refusal, code: 'order-not-found' } },
    ],
    [
      'without a challenge',
      { status: 401, headers: { ...asProblem, 'www-authenticate': '' }, body: refusal },
    ],
    [
      'with a stack',
      { status: 401, headers: asProblem, body: { ...refusal, detail: 'x\n    at y' } },
    ],
    [
      'with more than a problem has',
      { status: 401, headers: asProblem, body: { ...refusal, stack: 'x' } },
    ],
  ])('%s is found out', (_title, change) => {
    expect(answered(change)).not.toEqual([])
  })
})
