import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { API_BASE } from '@cnop/contract/route.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiOf, codeOf, JSON_BODY, sendTo, startDoor } from '../testing/door.ts'
import { bearer, tokenOf } from '../testing/tiny-auth.ts'
import { seenBy, type TinyPlatform } from '../testing/tiny-platform.ts'

let platform: TinyPlatform
let port: number
let clients: Socket[]

beforeEach(async () => {
  clients = []
  platform = await startDoor({ timeouts: { headersMs: 150, requestMs: 300, checkMs: 20 } })
  port = Number(new URL(await platform.listen()).port)
})
afterEach(async () => {
  for (const client of clients) client.destroy()
  await platform.close()
})

function dial(): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  clients.push(socket)
  return socket
}

const headerLines = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, '1']))

describe('a request that says too much', () => {
  test.each([
    ['url-too-long', 414, `/orders/${'a'.repeat(2_100)}`],
    ['url-too-long', 414, `/orders?cursor=${'a'.repeat(4_100)}`],
    ['url-too-long', 414, `/capabilities?${'a=b&'.repeat(1_100)}`],
    ['malformed-request', 400, `/orders/${'a'.repeat(1_900)}`],
  ])('is refused as %s', async (code, status, path) => {
    const answer = await apiOf(platform, path, { headers: bearer('good') })
    expect([answer.statusCode, codeOf(answer)]).toEqual([status, code])
    expect(answer.headers['x-ratelimit-remaining']).toMatch(/^(?:9999|2999)$/)
    expect(seenBy(platform, '/orders')).toEqual([])
  })

  test('in its query is refused outside the API too', async () => {
    expect((await sendTo(platform, `/docs?${'a'.repeat(5_000)}`)).statusCode).toBe(414)
  })

  test('in headers is refused, and one that says enough is not', async () => {
    const many = await apiOf(platform, '/capabilities', { headers: headerLines(101) })
    expect([many.statusCode, codeOf(many)]).toEqual([431, 'headers-too-large'])
    expect(many.headers['x-ratelimit-limit']).toBe('10000')
    const few = await apiOf(platform, '/capabilities', { headers: headerLines(90) })
    expect(few.statusCode).toBe(200)
  })
})

describe('a slow client', () => {
  test.each([
    ['headers', `GET ${API_BASE}/capabilities HTTP/1.1\r\nhost: x\r\n`, 'x: y\r\n'],
    [
      'a body',
      `POST ${API_BASE}/balance/deposit HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf('good')}\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{`,
      ' ',
    ],
  ])('that drips %s is cut off', async (_, start, drop) => {
    const socket = dial()
    socket.write(start)
    const drops = setInterval(() => socket.writable && socket.write(drop), 10)
    const startedAt = performance.now()
    const answer = await text(socket)
    clearInterval(drops)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(answer).toContain('HTTP/1.1 400')
    expect(answer).toContain('x-content-type-options: nosniff')
    expect(seenBy(platform, '/balance/deposit')).toEqual([])
  })

  test('that says nothing is cut off', async () => {
    const startedAt = performance.now()
    await text(dial())
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  test('that was refused and stays is not kept', async () => {
    const socket = dial()
    socket.write('nonsense\r\n\r\n')
    while (platform.gateway.app.server.listening) {
      const open = await new Promise<number>((resolve) =>
        platform.gateway.app.server.getConnections((_error, count) => resolve(count)),
      )
      if (open === 0) break
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(socket.destroyed || socket.readableEnded || !socket.readableFlowing).toBe(true)
  })
})

describe('names that objects have by nature', () => {
  const polluted = (): unknown => ({})['polluted' as never]

  test.each([
    '{"__proto__":{"polluted":1},"amount":"1"}',
    '{"constructor":{"prototype":{"polluted":1}},"amount":"1"}',
    '{"prototype":1,"amount":"1"}',
    '{"toString":1,"amount":"1"}',
    '{"hasOwnProperty":1,"amount":"1"}',
  ])('are fields that are not there: %s', async (payload) => {
    const answer = await apiOf(platform, '/balance/deposit', {
      method: 'POST',
      payload,
      headers: { ...JSON_BODY, ...bearer('good') },
    })
    expect([answer.statusCode, codeOf(answer)]).toEqual([422, 'invalid-input'])
    expect(answer.json().errors[0].message).toBe('There is no such field.')
    expect(polluted()).toBeUndefined()
  })

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'harm neither a query nor a path: %s',
    async (name) => {
      const query = `${name}=1&${name}[polluted]=1&${name}.polluted=1`
      const read = await apiOf(platform, `/balance?${query}`, { headers: bearer('good') })
      expect(read.statusCode).toBe(200)
      const order = await apiOf(platform, `/orders/${name}`, { headers: bearer('good') })
      expect(codeOf(order)).toBe('order-not-found')
      const asset = await apiOf(platform, `/inventory/assets/${name}`)
      expect(codeOf(asset)).toBe('invalid-input')
      expect((await apiOf(platform, `/${name}`)).statusCode).toBe(404)
      expect(polluted()).toBeUndefined()
    },
  )
})

describe('where a request came from', () => {
  const spoofs = {
    forwarded: 'for=1.2.3.4',
    'x-real-ip': '1.2.3.4',
    'x-client-ip': '1.2.3.4',
    'true-client-ip': '1.2.3.4',
    'x-forwarded-for': '1.2.3.4',
  }

  test('is said by nobody but its connection', async () => {
    const door = await startDoor({ logLevel: 'info' })
    await apiOf(door, '/capabilities', { remoteAddress: '192.0.2.7', headers: spoofs })
    expect(door.logLines[0]).toMatchObject({ client_address: '192.0.2.7' })
    await door.close()
  })

  test.each([
    ['1.2.3.4, 198.51.100.9', '198.51.100.9'],
    ['1.2.3.4, 198.51.100.9, 10.0.0.3', '198.51.100.9'],
    ['unknown', '10.0.0.2'],
    ['', '10.0.0.2'],
    ['1.2.3.4, <script>', '10.0.0.2'],
  ])('is what a trusted proxy has added, and no more: %j', async (forwarded, address) => {
    const door = await startDoor({ logLevel: 'info', trustedProxies: ['10.0.0.0/8'] })
    const headers = { ...spoofs, 'x-forwarded-for': forwarded }
    await apiOf(door, '/capabilities', { remoteAddress: '10.0.0.2', headers })
    expect(door.logLines[0]).toMatchObject({ client_address: address })
    await door.close()
  })
})
