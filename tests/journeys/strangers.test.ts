/** Every route, tried without a token, with a broken one, and with somebody else's. */
import { verifyLedger } from '@cnop/contract/portfolio.ts'
import type { Route } from '@cnop/contract/route.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, newCustomer, type RawAnswer, rawCall } from '../customers.ts'
import { ALL_ROUTES, rightfulRequest, UNKNOWN_ID } from '../rightful-requests.ts'
import { WITH_SCALED } from '../scaled-topology.ts'
import type { RunningPlatform } from '../topologies.ts'

const OF_CUSTOMERS = ALL_ROUTES.filter(({ access }) => access === 'customer')

const withoutNames = (answer: RawAnswer) => {
  const { request_id: _request, instance: _instance, ...rest } = JSON.parse(answer.body)
  return { status: answer.status, ...rest }
}

describe.each(WITH_SCALED)('strangers, %s', (_, start) => {
  let platform: RunningPlatform
  let owner: Customer
  let stranger: Customer
  let orderId: string

  beforeAll(async () => {
    platform = await start()
    owner = await newCustomer(platform.url)
    stranger = await newCustomer(platform.url)
    await owner.deposit('1000')
    orderId = (await owner.order({ order_type: 'market_buy', asset_id: 'BTC', notional: '100' }))
      .order_id
  })
  afterAll(async () => {
    const { data: proof } = await owner.call(verifyLedger, {})
    await platform.stop()
    expect(proof).toMatchObject({ ok: true, events: 2 })
  })

  const ask = (route: Route, token: string | undefined, order = orderId): Promise<RawAnswer> => {
    const { method, path, ...request } = rightfulRequest(route, { order_id: order })
    const sent = { ...request, ...(token === undefined ? {} : { token }) }
    return rawCall(platform.url, method, path, sent)
  }

  it.each(OF_CUSTOMERS.map((route) => [route.name, route] as const))(
    '%s needs a token',
    async (_name, route) => {
      expect(withoutNames(await ask(route, undefined))).toMatchObject({
        status: 401,
        code: 'not-signed-in',
      })
      for (const token of ['x', 'a.b.c', `${owner.token}x`, owner.token.slice(0, -4)]) {
        expect(withoutNames(await ask(route, token)), route.name).toMatchObject({
          status: 401,
          code: 'bad-token',
        })
      }
    },
  )

  it.each(
    ALL_ROUTES.filter(({ path }) => path.includes(':order_id')).map(
      (route) => [route.name, route] as const,
    ),
  )('%s answers a stranger’s order as an unknown one', async (_name, route) => {
    const foreign = await ask(route, stranger.token)
    const unknown = await ask(route, stranger.token, UNKNOWN_ID)
    expect(withoutNames(foreign)).toEqual(withoutNames(unknown))
    expect(foreign.status).toBe(404)
  })

  it.each(
    OF_CUSTOMERS.filter(
      ({ method, media }) => method === 'GET' && media === 'application/json',
    ).map((route) => [route.name, route] as const),
  )('%s shows a stranger nothing of the owner', async (_name, route) => {
    const { body } = await ask(route, stranger.token, UNKNOWN_ID)
    for (const secret of [orderId, owner.userId, owner.username, '1000.00'])
      expect(body).not.toContain(secret)
  })

  it('believes no header that names another caller', async () => {
    const forged = {
      'x-cnop-caller': 'eyJraW5kIjoib3BlcmF0b3IifQ.c2lnbmF0dXJl',
      'x-user-id': owner.userId,
      'x-forwarded-user': owner.username,
    }
    const answer = await rawCall(platform.url, 'GET', '/balance', {
      token: stranger.token,
      headers: forged,
    })
    expect(JSON.parse(answer.body)).toMatchObject({ current_balance: '0.00' })
    const nobody = await rawCall(platform.url, 'GET', '/balance', { headers: forged })
    expect(nobody.status).toBe(401)
  })

  it('has no internal or operator route at the public door', async () => {
    for (const path of [
      '/internal/quotes?asset_ids=BTC',
      '/internal/operator/users/admin',
      '/metrics',
      '/internal/metrics',
    ]) {
      expect((await rawCall(platform.url, 'GET', path, { token: owner.token })).status).toBe(404)
      expect((await fetch(`${platform.url}${path}`)).status).toBe(404)
    }
  })
})
