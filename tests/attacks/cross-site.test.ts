/** What a page of another site can make a browser send changes nothing here, and tells it nothing. */
import { getBalance } from '@cnop/contract/balance.ts'
import { API_BASE, type Route } from '@cnop/contract/route.ts'
import { login, refresh } from '@cnop/contract/session.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, newCustomer, PASSWORD } from '../customers.ts'
import { askRaw, type HttpAnswer, requestText } from '../raw-http.ts'
import { ALL_ROUTES, rightfulRequest } from '../rightful-requests.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'

const HERE = 'https://trade.example'
const PARTNER = 'https://partner.example'
const FOREIGN = [
  'https://evil.example',
  'null',
  'https://partner.example.evil.example',
  'https://evil-partner.example',
  'https://partner.example:444',
  'http://partner.example',
  'https://PARTNER.example.',
  'https://trade.example.evil.example',
]
const CHANGING = ALL_ROUTES.filter(({ method }) => method !== 'GET')

let platform: RunningPlatform
let customer: Customer

beforeAll(async () => {
  platform = await startTogether({ env: { PUBLIC_URL: HERE, CORS_ORIGINS: PARTNER } })
  customer = await newCustomer(platform.url)
})
afterAll(() => platform?.stop())

type Headers_ = Readonly<Record<string, string>>

function ask(
  method: string,
  path: string,
  init: { headers?: Headers_; body?: string } = {},
): Promise<HttpAnswer> {
  return askRaw(platform.url, requestText(method, API_BASE + path, init))
}

const codeOf = ({ status, body }: HttpAnswer): string | undefined =>
  status < 400 ? undefined : JSON.parse(body).code

const cashNow = async () => (await customer.call(getBalance, {})).current_balance

describe('a form of another site', () => {
  const FORMS = [
    ['application/x-www-form-urlencoded', 'amount=5&username=x'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="amount"\r\n\r\n5\r\n--x--\r\n',
    ],
    ['text/plain', '{"amount":"5"}'],
    ['text/plain; charset=application/json', '{"amount":"5"}'],
  ] as const

  it.each(FORMS)(
    'of type %s is refused by every route that changes anything',
    async (type, body) => {
      const before = await cashNow()
      for (const route of CHANGING) {
        const { method, path, headers } = rightfulRequest(route)
        const sent = {
          ...headers,
          origin: 'https://evil.example',
          cookie: customer.cookie,
          authorization: `Bearer ${customer.token}`,
          'content-type': type,
        }
        const answer = await ask(method, path, { headers: sent, body })
        expect(['unsupported-media-type', 'cross-site-request'], route.name).toContain(
          codeOf(answer),
        )
      }
      expect(await cashNow()).toBe(before)
    },
  )

  it('finds no cookie that would sign it in, only one that renews', async () => {
    for (const route of ALL_ROUTES.filter(({ access }) => access === 'customer')) {
      const { method, path, headers, body } = rightfulRequest(route)
      const sent = { ...headers, cookie: customer.cookie }
      const answer = await ask(method, path, {
        headers: sent,
        ...(body === undefined ? {} : { body }),
      })
      expect(codeOf(answer), route.name).toBe('not-signed-in')
    }
  })
})

describe('the refresh cookie', () => {
  it('is for this site, its sign-in paths and no script', async () => {
    const body = JSON.stringify({ username: customer.username, password: PASSWORD })
    const answer = await ask(login.method, login.path, { body })
    const [, ...attributes] = String(answer.headers['set-cookie']).split('; ')
    expect(attributes.map((attribute) => attribute.toLowerCase())).toEqual(
      expect.arrayContaining(['httponly', 'samesite=strict', 'secure', `path=${API_BASE}/auth`]),
    )
    expect(attributes.join()).not.toMatch(/domain/i)
  })

  it.each([
    ...FOREIGN.map((origin) => [`from ${origin}`, { origin }] as const),
    ['from another site without an origin', { 'sec-fetch-site': 'cross-site' }],
    [
      'from a page of a sister domain',
      { origin: 'https://blog.trade.example', 'sec-fetch-site': 'same-site' },
    ],
  ] as readonly (readonly [string, Headers_])[])(
    'renews nothing %s, and is not used up',
    async (_, headers) => {
      const sent = { cookie: customer.cookie, ...headers }
      const answer = await ask(refresh.method, refresh.path, { headers: sent })
      expect([answer.status, codeOf(answer)]).toEqual([403, 'cross-site-request'])
      expect(answer.headers['set-cookie']).toBeUndefined()
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    },
  )

  it('renews for a page of this platform', async () => {
    const headers = { cookie: customer.cookie, origin: HERE, 'sec-fetch-site': 'same-origin' }
    expect((await ask(refresh.method, refresh.path, { headers })).status).toBe(200)
  })
})

describe('a page of another origin', () => {
  const preflight = (route: Route, origin: string) =>
    ask('OPTIONS', rightfulRequest(route).path, {
      headers: {
        origin,
        'access-control-request-method': route.method,
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    })

  it.each(FOREIGN)('%s may neither ask nor read', async (origin) => {
    for (const route of ALL_ROUTES) {
      const allowed = Object.keys((await preflight(route, origin)).headers)
      expect(
        allowed.filter((name) => name.startsWith('access-control-')),
        route.name,
      ).toEqual([])
    }
    const answer = await ask('GET', '/capabilities', { headers: { origin } })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('may ask and read where it is configured', async () => {
    for (const route of ALL_ROUTES) {
      const { headers } = await preflight(route, PARTNER)
      expect(headers['access-control-allow-origin'], route.name).toBe(PARTNER)
      expect(headers['access-control-allow-methods'], route.name).toContain(route.method)
      expect(headers['access-control-allow-headers']?.toLowerCase()).toContain('authorization')
    }
    const headers = { origin: PARTNER, authorization: `Bearer ${customer.token}` }
    const answer = await ask('GET', getBalance.path, { headers })
    expect(answer.headers['access-control-allow-origin']).toBe(PARTNER)
    expect(answer.headers['vary']?.toLowerCase()).toContain('origin')
  })

  it('frames nothing and runs nothing, on any answer', async () => {
    for (const path of ['/capabilities', '/nowhere', getBalance.path]) {
      const { headers } = await ask('GET', path)
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['strict-transport-security']).toMatch(/max-age=\d{8}/)
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['cross-origin-resource-policy']).toBe('same-origin')
    }
  })
})
