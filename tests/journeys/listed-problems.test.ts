/** Whatever is asked of a route, it answers what it should or a refusal from its own list. */
import { changeEmail } from '@cnop/contract/auth.ts'
import { call, fetchSend } from '@cnop/contract/call.ts'
import type { OrderBody } from '@cnop/contract/order.ts'
import { forgotPassword, resetPassword, verifyEmail } from '@cnop/contract/password.ts'
import type { Route } from '@cnop/contract/route.ts'
import { beginSecondFactor, confirmSecondFactor } from '@cnop/contract/second-factor.ts'
import { listSessions } from '@cnop/contract/session.ts'
import { openStream } from '@cnop/contract/stream.ts'
import { problemsOf } from '@cnop/services/gateway/description/route-problems.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authenticatorFor } from '../authenticator.ts'
import {
  type Customer,
  freshKey,
  newApiKey,
  newCustomer,
  newPerson,
  PASSWORD,
  rawCall,
} from '../customers.ts'
import { linkIn } from '../letters.ts'
import { ALL_ROUTES, rightfulPath, UNKNOWN_ID } from '../rightful-requests.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'

/** Texts that stand in for bodies, whatever the route. */
const ANY_BODIES: readonly string[] = [
  '',
  'null',
  '[]',
  '{}',
  '{"',
  '{"amount":1e400}',
  '{"__proto__":{"a":1}}',
  `{"amount":"${'9'.repeat(70_000)}"}`,
]

const buying = { order_type: 'market_buy', asset_id: 'BTC' }
const selling = { order_type: 'market_sell', asset_id: 'BTC' }
const orders = [
  { ...buying, notional: '10' },
  { ...buying, notional: '9999' },
  { ...buying, notional: '0.01' },
  { ...buying, notional: '10000.01' },
  { ...buying, notional: '10', worst_price: '0.000000000001' },
  { ...buying, quantity: '0.000000000001' },
  { ...buying, asset_id: 'NOSUCH', notional: '10' },
  { ...buying, asset_id: 'USD', notional: '10' },
  { ...selling, quantity: '0.1' },
  { ...selling, notional: '10', expires_at: '2026-01-01T00:00:00Z' },
]
const amounts = ['10', '0', '0.001', '9999999', '99999999999999999999'].map((amount) => ({
  amount,
}))

/** What comes closer to the rules of one route. */
const bodiesOf = (route: Route, customer: Customer): readonly unknown[] => {
  const bodies: Readonly<Record<string, readonly unknown[]>> = {
    register: [
      newPerson(),
      newPerson(customer.username),
      { ...newPerson(), email: `${customer.username}@example.org` },
    ],
    login: [
      { username: customer.username, password: PASSWORD },
      { username: customer.username, password: 'not the password' },
      { username: 'nobody_at_all', password: PASSWORD },
    ],
    updateProfile: [{ first_name: 'Grace' }, { first_name: '7' }, { email: 'x@example.org' }],
    changeEmail: ['grace@example.org', 'taken@example.org', 'x'].map((email) => ({
      email,
      current_password: PASSWORD,
    })),
    putPreferences: [{ theme: 'dark' }, { theme: 'pink' }, { time_zone: 'Mars/Olympus' }],
    putWatchlist: [
      { asset_ids: ['BTC', 'ETH'] },
      { asset_ids: ['NOSUCH'] },
      { asset_ids: ['btc'] },
    ],
    deposit: amounts,
    withdraw: amounts,
    claimReward: ['gong xi fa cai', 'a phrase', '', ' ', 'x'.repeat(101)].map((phrase) => ({
      phrase,
    })),
    placeOrder: orders,
    previewOrder: orders,
    logout: [{ access_token: 'x' }],
    changePassword: [PASSWORD, 'not the password'].map((password) => ({
      current_password: password,
      new_password: `${PASSWORD} again`,
    })),
    forgotPassword: [
      { email: `${customer.username}@example.org` },
      { email: 'nobody@example.org' },
    ],
    beginSecondFactor: [{ password: PASSWORD }, { password: 'not the password' }],
    createApiKey: [
      { name: 'a key', scopes: ['read'], password: PASSWORD },
      { name: 'a key', scopes: ['read'], password: 'not the password' },
      { name: 'a key', scopes: ['read'], password: PASSWORD, addresses: ['nowhere'] },
    ],
  }
  return bodies[route.name] ?? []
}

/** Bodies with something in them that only the platform can make. */
async function grantedBodies(
  { url, dataDir }: RunningPlatform,
  route: Route,
  customer: Customer,
): Promise<readonly unknown[]> {
  const to = `${customer.username}@example.org`
  if (route.name === verifyEmail.name) {
    return [{ token: await linkIn(dataDir, { to, linkPath: '/verify-email' }) }]
  }
  if (route.name === resetPassword.name) {
    await call(fetchSend({ url }), forgotPassword, { body: { email: to } })
    const token = await linkIn(dataDir, { to, linkPath: '/reset-password' })
    return [{ token, new_password: `${PASSWORD} again` }]
  }
  if (route.name === confirmSecondFactor.name) {
    const { data } = await customer.call(beginSecondFactor, { body: { password: PASSWORD } })
    return [{ code: authenticatorFor(data.uri).code() }, { code: '000000' }]
  }
  return []
}

const ODD_PARAMS = [
  ['NOSUCH', UNKNOWN_ID],
  ['btc', '%00'],
  ['B'.repeat(300), 'o'.repeat(300)],
].map(([asset = '', id = '']) => ({ asset_id: asset, order_id: id, session_id: id, key_id: id }))

/** No order stays open in this build, so none can be cancelled. */
const NEVER_DONE = ['cancelOrder']

const QUERIES = [
  '',
  '?limit=0',
  '?cursor=!',
  '?cursor=AAAA',
  '?interval=7m&period=x',
  '?channels=x',
  '?channels=orders',
]

describe('every public route', () => {
  let platform: RunningPlatform

  beforeAll(async () => {
    platform = await startTogether()
    const taken = await newCustomer(platform.url)
    await taken.call(changeEmail, {
      body: { email: 'taken@example.org', current_password: PASSWORD },
    })
  })
  afterAll(() => platform?.stop())

  type Asking = { readonly path: string; readonly body?: string; readonly token?: string }

  async function askings(route: Route, customer: Customer): Promise<Asking[]> {
    const { order_id } = await customer.order(orders[0] as OrderBody)
    const [session] = (await customer.call(listSessions, {})).data
    const { keyId: key_id } = await newApiKey(customer, ['read'])
    const ids = { order_id, session_id: session?.session_id ?? '', key_id }
    const path = rightfulPath(route, ids)
    const { token } = customer
    const granted = await grantedBodies(platform, route, customer)
    const own = [...granted, ...bodiesOf(route, customer)].map((body) => JSON.stringify(body))
    const bodies = route.method === 'GET' ? [undefined] : [undefined, ...ANY_BODIES, ...own]
    const withBody = (body: string | undefined) => (body === undefined ? {} : { body })
    const plain = withBody(own[0])
    return [
      ...[{}, { token: 'x' }, { token: `${token}x` }].map((other) => ({
        path,
        ...plain,
        ...other,
      })),
      ...bodies.map((body) => ({ path, ...withBody(body), token })),
      ...QUERIES.map((query) => ({ path: path + query, ...plain, token })),
      ...ODD_PARAMS.map((params) => ({ path: rightfulPath(route, params), ...plain, token })),
    ]
  }

  async function codeOf(
    route: Route,
    { path, ...asking }: Asking,
    cookie: string,
  ): Promise<string> {
    const headers = {
      ...(route.idempotent ? { 'idempotency-key': freshKey() } : {}),
      ...(route.cookie ? { cookie } : {}),
    }
    const answer = await rawCall(platform.url, route.method, path, { ...asking, headers })
    return answer.status < 400 ? `answered ${answer.status}` : JSON.parse(answer.body).code
  }

  const SPOKEN = ALL_ROUTES.filter(({ media }) => media !== 'text/event-stream')

  it.each(SPOKEN.map((route) => [route.name, route] as const))(
    '%s answers nothing that is not on its list',
    async (name, route) => {
      const customer = await newCustomer(platform.url)
      await customer.deposit('100')
      const done = `answered ${route.status}`
      const listed = new Set<string>([done, ...problemsOf(route)])
      const met = new Set<string>()
      for (const asking of await askings(route, customer)) {
        const code = await codeOf(route, asking, customer.cookie)
        met.add(code)
        expect(listed, `${asking.path} ${asking.body?.slice(0, 80)}`).toContain(code)
      }
      expect(met.has(done)).toBe(!NEVER_DONE.includes(name))
      expect(met.size).toBeGreaterThanOrEqual(route.access === 'customer' ? 3 : 1)
    },
  )

  it('openStream answers nothing that is not on its list', async () => {
    const customer = await newCustomer(platform.url)
    const { token } = customer
    const refused = [
      { path: '/stream?channels=orders' },
      { path: '/stream?channels=orders', token: 'x' },
      { path: '/stream?channels=x', token },
      { path: '/stream?channels=', token },
      { path: '/stream?channels=prices,orders,balances,prices', token },
    ]
    const codes = new Set<string>()
    for (const asking of refused) codes.add(await codeOf(openStream, asking, ''))
    expect([...codes].toSorted()).toEqual(['bad-token', 'invalid-input', 'not-signed-in'])
    expect(problemsOf(openStream)).toEqual(expect.arrayContaining([...codes]))
  })
})
