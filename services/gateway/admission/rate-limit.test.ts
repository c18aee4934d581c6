import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiOf, codeOf, type Sending, startDoor } from '../testing/door.ts'
import { bearer } from '../testing/tiny-auth.ts'
import { seenBy, type TinyPlatform } from '../testing/tiny-platform.ts'

let platform: TinyPlatform
let others: TinyPlatform[]

beforeEach(async () => {
  others = []
  platform = await startDoor()
})
afterEach(() => Promise.all([platform, ...others].map((each) => each.close())))

async function start(options: Parameters<typeof startDoor>[0]): Promise<TinyPlatform> {
  const door = await startDoor(options)
  others.push(door)
  return door
}

const api = (path: string, sending: Sending = {}, door = platform) => apiOf(door, path, sending)

describe('a limit', () => {
  const limits = { gateway: 5, user: 3, inventory: 4, order: 2 }
  const rateOf = (answer: { headers: Record<string, unknown> }) =>
    ['limit', 'remaining', 'reset'].map((name) => Number(answer.headers[`x-ratelimit-${name}`]))

  test('lets exactly as many through, and says when there is room again', async () => {
    const door = await start({ limits })
    const nowSeconds = door.clock.nowMs / 1000
    const get = () => api('/balance', { headers: bearer('good') }, door)
    expect(rateOf(await get())).toEqual([2, 1, nowSeconds + 30])
    expect(rateOf(await get())).toEqual([2, 0, nowSeconds + 60])
    const refused = await get()
    expect([refused.statusCode, codeOf(refused)]).toEqual([429, 'rate-limited'])
    expect([...rateOf(refused), refused.headers['retry-after']]).toEqual([
      2,
      0,
      nowSeconds + 60,
      '30',
    ])
    expect(seenBy(door, '/balance')).toHaveLength(2)
    door.clock.nowMs += 29_999
    expect((await get()).statusCode).toBe(429)
    door.clock.nowMs += 1
    expect((await get()).statusCode).toBe(200)
    expect((await get()).statusCode).toBe(429)
  })

  test('at the same moment lets exactly as many through', async () => {
    const door = await start({ limits: { ...limits, gateway: 100, order: 37 } })
    const answers = await Promise.all(
      Array.from({ length: 90 }, () => api('/balance', { headers: bearer('good') }, door)),
    )
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(37)
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(53)
  })

  test('counts all routes together, and the tightest is shown', async () => {
    const door = await start({ limits })
    const get = (path: string) => api(path, { headers: bearer('good') }, door)
    expect(rateOf(await get('/balance')).slice(0, 2)).toEqual([2, 1])
    expect(rateOf(await get('/preferences')).slice(0, 2)).toEqual([3, 2])
    expect(rateOf(await get('/preferences')).slice(0, 2)).toEqual([3, 1])
    expect(rateOf(await get('/balance')).slice(0, 2)).toEqual([2, 0])
    expect(rateOf(await get('/preferences')).slice(0, 2)).toEqual([5, 0])
    expect((await get('/capabilities')).statusCode).toBe(200)
    expect((await get('/watchlist')).statusCode).toBe(429)
  })

  test('is each customer’s own, and an address’s own without one', async () => {
    const door = await start({ limits })
    const from = (remoteAddress: string) => api('/capabilities', { remoteAddress }, door)
    for (let i = 0; i < 5; i += 1) expect((await from('192.0.2.1')).statusCode).toBe(200)
    expect((await from('192.0.2.1')).statusCode).toBe(429)
    expect((await from('192.0.2.2')).statusCode).toBe(200)
    const signedIn = { remoteAddress: '192.0.2.1', headers: bearer('good') }
    expect((await api('/balance', signedIn, door)).statusCode).toBe(200)
    for (let i = 0; i < 5; i += 1) await from(`2001:db8:0:1::${i}`)
    expect((await from('2001:db8:0:1::99')).statusCode).toBe(429)
    expect((await from('2001:db8:0:2::99')).statusCode).toBe(200)
  })

  test('believes an address only of a trusted proxy', async () => {
    const door = await start({ limits: { ...limits, gateway: 1 }, trustedProxies: ['10.0.0.0/8'] })
    const from = (remoteAddress: string, client: string) =>
      api('/capabilities', { remoteAddress, headers: { 'x-forwarded-for': client } }, door)
    expect((await from('10.0.0.1', '192.0.2.1')).statusCode).toBe(200)
    expect((await from('10.0.0.2', '192.0.2.1')).statusCode).toBe(429)
    expect((await from('10.0.0.1', '192.0.2.2')).statusCode).toBe(200)
    expect((await from('203.0.113.9', '192.0.2.3')).statusCode).toBe(200)
    expect((await from('203.0.113.9', '192.0.2.4')).statusCode).toBe(429)
  })

  test('counts those who try tokens', async () => {
    const door = await start({ limits: { ...limits, order: 3 } })
    const codes: string[] = []
    for (let i = 0; i < 5; i += 1)
      codes.push(codeOf(await api('/balance', { headers: bearer(`guess-${i}`) }, door)))
    expect(codes).toEqual(['bad-token', 'bad-token', 'bad-token', 'rate-limited', 'rate-limited'])
  })
})
