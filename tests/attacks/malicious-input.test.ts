/** Input that is made to break what reads it is refused like any other that does not fit. */
import { gzipSync } from 'node:zlib'
import { getProfile, register } from '@cnop/contract/auth.ts'
import { deposit, getBalance } from '@cnop/contract/balance.ts'
import { API_BASE } from '@cnop/contract/route.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Customer,
  freshKey,
  newCustomer,
  newPerson,
  type RawAnswer,
  rawCall,
} from '../customers.ts'
import { askRaw, requestText } from '../raw-http.ts'
import { ALL_ROUTES, rightfulRequest } from '../rightful-requests.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'

const WITH_BODIES = ALL_ROUTES.filter(({ body }) => body !== undefined)
const KB_64 = 64 * 1024

let platform: RunningPlatform
let customer: Customer

beforeAll(async () => {
  platform = await startTogether({
    env: { SIGN_IN_FAILURES_PER_ADDRESS: '1000000', SIGN_IN_FAILURES_PER_ACCOUNT: '1000000' },
  })
  customer = await newCustomer(platform.url)
  await customer.deposit('10')
})
afterAll(async () => {
  try {
    const { current_balance } = await customer.call(getBalance, {})
    expect(current_balance, 'nothing of this had an effect').toBe('10.00')
    expect(platform.said()).not.toMatch(/"level":"(error|fatal)"/)
  } finally {
    await platform.stop()
  }
})

const codeOf = ({ status, body }: { status: number; body: string }): string | undefined =>
  status < 400 ? undefined : JSON.parse(body).code

const post = (
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<RawAnswer> =>
  customer.raw('POST', path, { body, headers: { 'idempotency-key': freshKey(), ...headers } })

/** A text that every object would have if a prototype were reached. */
const POLLUTING = [
  '{"__proto__":{"polluted":"yes","amount":"5"}}',
  '{"amount":"5","__proto__":{"polluted":"yes"}}',
  '{"constructor":{"prototype":{"polluted":"yes"}}}',
  '{"__proto__":{"__proto__":{"polluted":"yes"}}}',
  '{"\\u005f_proto__":{"polluted":"yes"}}',
  '{"toString":"x","valueOf":"x","hasOwnProperty":1,"then":1}',
  '[{"__proto__":[]}]',
]

describe('a prototype', () => {
  it('is out of reach of every body', async () => {
    for (const route of WITH_BODIES) {
      const { method, path, headers } = rightfulRequest(route)
      for (const body of POLLUTING) {
        const answer = await customer.raw(method, path, { body, headers })
        expect(['invalid-input', 'malformed-json'], `${route.name} ${body}`).toContain(
          codeOf(answer),
        )
      }
    }
  })

  it.each([
    '?__proto__[limit]=1',
    '?__proto__.limit=1',
    '?constructor[prototype][limit]=1',
    '?__proto__=1&hasOwnProperty=1&toString=1',
    '?limit[]=1',
    '?limit[__proto__]=1',
  ])('is out of reach of the query %s', async (query) => {
    for (const path of ['/orders', '/inventory/assets', '/balance/transactions']) {
      const plain = await customer.raw('GET', path)
      const answer = await customer.raw('GET', path + query)
      expect([200, 422], path).toContain(answer.status)
      if (answer.status === 200 && path !== '/inventory/assets')
        expect(answer.body).toBe(plain.body)
    }
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'is no asset, order, session or key named %s',
    async (name) => {
      for (const path of ['/orders/', '/inventory/assets/', '/balance/asset/', '/assets/']) {
        const end = path === '/assets/' ? '/balance' : ''
        const answer = await customer.raw('GET', path + name + end)
        expect([404, 422], path).toContain(answer.status)
      }
      for (const path of ['/auth/sessions/', '/auth/keys/', '/orders/'])
        expect((await customer.raw('DELETE', path + name)).status, path).toBe(404)
    },
  )
})

describe('a body', () => {
  it.each([
    ['names a field twice', '{"amount":"1","amount":"9999"}', 'malformed-json'],
    [
      'names a field twice in two spellings',
      '{"amount":"1","\\u0061mount":"9999"}',
      'malformed-json',
    ],
    ['nests 10,000 arrays', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'malformed-json'],
    ['nests 10,000 objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'malformed-json'],
    [
      'nests 10,000 arrays in a field',
      `{"amount":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      'malformed-json',
    ],
    ['opens 60,000 arrays and closes none', '['.repeat(60_000), 'malformed-json'],
    ['is a number of 60,000 digits', `{"amount":${'9'.repeat(60_000)}}`, 'invalid-input'],
    ['is a number with 60,000 decimals', `{"amount":0.${'9'.repeat(60_000)}}`, 'invalid-input'],
    ['is a number with a vast exponent', '{"amount":1e999999999}', 'invalid-input'],
    ['has a negative exponent', '{"amount":1e-999999999}', 'invalid-input'],
    ['is minus nothing', '{"amount":-0}', 'invalid-input'],
    ['says NaN', '{"amount":NaN}', 'malformed-json'],
    ['has a null byte in a value', '{"amount":"5\\u0000"}', 'invalid-input'],
    ['has a raw null byte', '{"amount":"5\0"}', 'malformed-json'],
    ['has a null byte in a name', '{"amount\\u0000":"5"}', 'invalid-input'],
    ['has half a surrogate', '{"amount":"\\ud800"}', 'invalid-input'],
    ['has digits of another script', '{"amount":"５"}', 'invalid-input'],
    ['has an invisible character', '{"amount":"\u200b5"}', 'invalid-input'],
    ['begins with a byte order mark', '\ufeff{"amount":"5"}', 'malformed-json'],
    [
      'has 10,000 unknown fields',
      `{${Array.from({ length: 5_000 }, (_, i) => `"f${i}":1`).join()}}`,
      'invalid-input',
    ],
    ['has a comment', '{"amount":"5"/**/}', 'malformed-json'],
    ['is two', '{"amount":"5"}{"amount":"5"}', 'malformed-json'],
  ])('that %s is refused within a second', async (_, body, code) => {
    const from = performance.now()
    const answer = await post(deposit.path, body)
    expect(codeOf(answer)).toBe(code)
    expect(performance.now() - from).toBeLessThan(1_000)
    expect(answer.body.length, 'a refusal is no echo').toBeLessThan(60_000)
  })

  it('of 64 KB is read and one byte more is not, on every route', async () => {
    const whole = `{"x":"${'y'.repeat(KB_64 - 8)}"}`
    expect(whole.length).toBe(KB_64)
    for (const route of WITH_BODIES) {
      const { method, path, headers } = rightfulRequest(route)
      const fits = await customer.raw(method, path, { body: whole, headers })
      expect(codeOf(fits), route.name).toBe('invalid-input')
      const tooLarge = await customer.raw(method, path, { body: `${whole} `, headers })
      expect(codeOf(tooLarge), route.name).toBe('body-too-large')
    }
  })

  it.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'unknown'])(
    'that is packed with %s is not unpacked',
    async (encoding) => {
      const answer = await fetch(`${platform.url}${API_BASE}${deposit.path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${customer.token}`,
          'content-type': 'application/json',
          'content-encoding': encoding,
          'idempotency-key': freshKey(),
        },
        body: new Uint8Array(gzipSync(`{"amount":"${'0'.repeat(10_000_000)}"}`)),
      })
      expect(await answer.json()).toMatchObject({ code: 'unsupported-media-type' })
    },
  )
})

describe('a user name', () => {
  it.each([
    ['of a script that looks like another', 'аdministrator'],
    ['of full-width letters', 'ａdministrator'],
    ['with an invisible character', 'admin\u200bistrator'],
    ['with a combining mark', 'administrato\u0301r'],
    ['that is written backwards', '\u202erotartsinimda'],
    ['whose lower case is another letter', 'admin\u212aelvin'],
    ['with a long s', 'admini\u017ftrator'],
    ['with a space behind it', 'administrator '],
    ['with a null byte', 'admin\0istrator'],
    ['with a line break', 'administrator\n'],
    ['of markup', '<b>admin</b>'],
  ])('%s is refused', async (_, username) => {
    const body = JSON.stringify({ ...newPerson(), username })
    const answer = await rawCall(platform.url, 'POST', register.path, { body })
    expect(codeOf(answer)).toBe('invalid-input')
    expect(answer.body).toContain('"field":"username"')
  })

  it('in other letters is the same name', async () => {
    const body = JSON.stringify({ ...newPerson(), username: customer.username.toUpperCase() })
    expect(codeOf(await rawCall(platform.url, 'POST', register.path, { body }))).toBe(
      'username-taken',
    )
  })
})

describe('a path', () => {
  it.each([
    '/orders/%00',
    '/orders/..%2f..%2fauth%2fprofile',
    '/orders/%2e%2e%2f%2e%2e%2fauth/profile',
    '/orders/..%5c..%5cetc',
    '/orders/%252e%252e%252f',
    '/inventory/assets/BTC%2f..%2fETH',
    '/inventory/assets/BTC%00',
    '/inventory/assets/..;/..;/internal',
    '/orders/%ff%fe',
    '/orders/%',
    '/orders/%zz',
    '/orders/%u0041',
    '/orders//',
    '//orders',
    '/ORDERS',
    '/orders;jsessionid=1',
    '/orders/.',
    '/orders/..',
    '/./orders/../../../etc/passwd',
    `/orders/${'%41'.repeat(80)}`,
    `/${'a/'.repeat(4_000)}`,
    '/auth/sessions/%2e%2e',
    '/auth/keys/a%2fb',
  ])('like %s leads nowhere', async (path) => {
    const headers = { authorization: `Bearer ${customer.token}` }
    const answer = await askRaw(platform.url, requestText('GET', API_BASE + path, { headers }))
    expect([400, 404, 405, 414, 422, 431], answer.body).toContain(answer.status)
    expect(answer.body).not.toContain(customer.userId)
    expect(answer.body).not.toMatch(/\bat \S+:\d+|node_modules|fastify|root:/i)
  })
})

it('what was refused is in nobody’s profile', async () => {
  const profile = await customer.call(getProfile, {})
  expect(Object.keys(profile)).not.toContain('polluted')
  expect(profile).toMatchObject({ username: customer.username, first_name: 'Ada' })
})
