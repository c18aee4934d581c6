/**
 * Every public route, asked with every kind of key and with the ids of somebody else. The routes are
 * those of the contract, so one that is added is asked as well.
 */
import { createApiKey, revokeApiKey } from '@cnop/contract/api-key.ts'
import { getBalance } from '@cnop/contract/balance.ts'
import { API_BASE, type Route } from '@cnop/contract/route.ts'
import { listSessions } from '@cnop/contract/session.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Customer, newApiKey, newCustomer, type RawAnswer, rawCall } from '../customers.ts'
import { ALL_ROUTES, rightfulRequest, UNKNOWN_ID } from '../rightful-requests.ts'
import { type RunningPlatform, TOPOLOGIES } from '../topologies.ts'

/** Nothing but the key may be in the way. */
const NO_LIMITS = {
  TRUSTED_PROXIES: '127.0.0.1',
  SIGN_IN_FAILURES_PER_ACCOUNT: '1000000',
  SIGN_IN_FAILURES_PER_ADDRESS: '1000000',
}
const HOME = '203.0.113.7'
const ELSEWHERE = '198.51.100.7'

const named = (routes: readonly Route[]) => routes.map((route) => [route.name, route] as const)
const GUARDED = ALL_ROUTES.filter(({ access }) => access !== 'public')

const codeOf = (answer: RawAnswer): string | undefined =>
  answer.status < 400 ? undefined : JSON.parse(answer.body).code

const withoutNames = (answer: RawAnswer) => {
  const { request_id: _request, instance: _instance, ...rest } = JSON.parse(answer.body)
  return { status: answer.status, ...rest }
}

describe.each(TOPOLOGIES)('every route, %s', (_, start) => {
  let platform: RunningPlatform
  let owner: Customer
  let stranger: Customer
  let ids: Record<string, string>
  const keys: Record<'reading' | 'trading' | 'both' | 'revoked' | 'expired' | 'atHome', string> = {
    reading: '',
    trading: '',
    both: '',
    revoked: '',
    expired: '',
    atHome: '',
  }

  beforeAll(async () => {
    platform = await start({ env: NO_LIMITS })
    owner = await newCustomer(platform.url)
    stranger = await newCustomer(platform.url)
    await owner.deposit('1000')
    const order = await owner.order({ order_type: 'market_buy', asset_id: 'BTC', notional: '100' })
    const session = (await owner.call(listSessions, {})).data[0]
    keys.reading = (await newApiKey(owner, ['read'])).secret
    keys.trading = (await newApiKey(owner, ['trade'])).secret
    const both = await newApiKey(owner, ['read', 'trade'])
    keys.both = both.secret
    keys.atHome = (await newApiKey(owner, ['read', 'trade'], { addresses: [HOME] })).secret
    const revoked = await newApiKey(owner, ['read', 'trade'])
    keys.revoked = revoked.secret
    const soon = new Date(Date.now() + 2_000).toISOString()
    keys.expired = (await newApiKey(owner, ['read', 'trade'], { expires_at: soon })).secret
    await owner.call(revokeApiKey, { params: { key_id: revoked.keyId } })
    ids = {
      order_id: order.order_id,
      session_id: session?.session_id ?? '',
      key_id: both.keyId,
    }
    await vi.waitFor(async () => expect(await readStatus(keys.expired)).toBe(401), 10_000)
  }, 120_000)
  afterAll(() => platform?.stop())

  /** As a reader from this machine. */
  async function readStatus(token: string): Promise<number> {
    return (await rawCall(platform.url, 'GET', getBalance.path, { token })).status
  }

  /** A stream is left as soon as its first bytes say that it was opened. */
  async function askWith(
    route: Route,
    token: string,
    more: { address?: string; ids?: Record<string, string> } = {},
  ): Promise<RawAnswer> {
    const { method, path, body, headers } = rightfulRequest(route, more.ids ?? ids)
    const leaving = new AbortController()
    const answer = await fetch(`${platform.url}${API_BASE}${path}`, {
      method,
      headers: {
        ...headers,
        'x-forwarded-for': more.address ?? HOME,
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      signal: leaving.signal,
    })
    const opened = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false
    const text = opened ? '' : await answer.text()
    leaving.abort()
    return { status: answer.status, headers: answer.headers, body: text }
  }

  const opens = (route: Route, scope: 'read' | 'trade'): boolean => route.scope === scope

  it.each(named(GUARDED))(
    '%s opens to a key that reads exactly if it only reads',
    async (_name, route) => {
      const code = codeOf(await askWith(route, keys.reading))
      if (opens(route, 'read')) expect(code).toBeUndefined()
      else expect(code).toBe('scope-missing')
    },
  )

  it.each(named(GUARDED))(
    '%s opens to a key that trades exactly if it trades',
    async (_name, route) => {
      const code = codeOf(await askWith(route, keys.trading))
      if (opens(route, 'trade')) expect(['order-not-open', undefined]).toContain(code)
      else expect(code).toBe('scope-missing')
    },
  )

  it.each(named(GUARDED.filter(({ scope }) => scope === 'session')))(
    '%s opens to no key at all',
    async (_name, route) => {
      expect(codeOf(await askWith(route, keys.both))).toBe('scope-missing')
    },
  )

  it.each(named(GUARDED))(
    '%s opens to no key that is revoked, expired, altered or elsewhere',
    async (_name, route) => {
      for (const token of [keys.revoked, keys.expired, `${keys.both}x`, keys.both.slice(0, -1)]) {
        expect(codeOf(await askWith(route, token))).toBe('bad-token')
      }
      expect(codeOf(await askWith(route, keys.atHome, { address: ELSEWHERE }))).toBe(
        'address-not-allowed',
      )
    },
  )

  it('a key that is good at one address works there', async () => {
    expect(await readStatus(keys.atHome)).toBe(403)
    const answer = await rawCall(platform.url, 'GET', getBalance.path, {
      token: keys.atHome,
      headers: { 'x-forwarded-for': HOME },
    })
    expect(answer.status).toBe(200)
  })

  it.each(named(ALL_ROUTES.filter(({ access }) => access === 'public')))(
    '%s answers a bad token as no token: it never looks',
    async (_name, route) => {
      expect(codeOf(await askWith(route, 'x'))).not.toBe('bad-token')
      expect(codeOf(await askWith(route, keys.revoked))).not.toBe('bad-token')
    },
  )

  it.each(named(ALL_ROUTES.filter(({ path }) => /:(order|session|key)_id/.test(path))))(
    '%s answers what is somebody else’s as what is nobody’s',
    async (_name, route) => {
      const unknown = { order_id: UNKNOWN_ID, session_id: UNKNOWN_ID, key_id: UNKNOWN_ID }
      const foreign = await askWith(route, stranger.token)
      expect(foreign.status).toBe(404)
      expect(withoutNames(foreign)).toEqual(
        withoutNames(await askWith(route, stranger.token, { ids: unknown })),
      )
    },
  )

  it('what a stranger tried on somebody’s key and session had no effect', async () => {
    expect(await readStatus(owner.token)).toBe(200)
    expect(await readStatus(keys.both)).toBe(200)
  })

  it('a key makes no key and asks for none', async () => {
    const { path } = createApiKey
    for (const [method, body] of [['GET'], ['POST', '{"name":"x","scopes":["trade"]}']] as const) {
      const asked = { token: keys.both, ...(body === undefined ? {} : { body }) }
      expect(codeOf(await rawCall(platform.url, method, path, asked))).toBe('scope-missing')
    }
  })
})
