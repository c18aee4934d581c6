import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { ProblemBody } from '@cnop/contract/problem.ts'
import { eventFrame } from '@cnop/kit/event-stream.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bearer, tokenOf } from '../testing/tiny-auth.ts'
import { startTinyPlatform, type TinyPlatform } from '../testing/tiny-platform.ts'

let platform: TinyPlatform
let port: number
let clients: Socket[]

beforeEach(async () => {
  clients = []
  await begin()
})
afterEach(async () => {
  for (const client of clients) client.destroy()
  await platform.close()
})

async function begin(options: Parameters<typeof startTinyPlatform>[0] = {}): Promise<void> {
  await platform?.close()
  platform = await startTinyPlatform(options)
  platform.sessions.set('good', 'alice_1').set('other', 'bob_22')
  port = Number(new URL(await platform.listen()).port)
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function until(fact: () => boolean): Promise<void> {
  while (!fact()) await pause(2)
}

type Client = {
  readonly socket: Socket
  readonly events: () => string[]
  readonly ended: () => boolean
  raw(): string
  /** Of a tick that has arrived whole, and last. */
  lastTick(): number
}

/** Opens a stream on a socket of its own. */
async function open(query = '', headers: Record<string, string> = {}): Promise<Client> {
  const socket = connect(port, '127.0.0.1')
  clients.push(socket)
  let raw = ''
  let ended = false
  socket.on('error', () => undefined)
  let tail = ''
  socket.on('data', (piece) => {
    const text = piece.toString()
    raw += text
    tail = (tail + text).slice(-100)
  })
  socket.once('close', () => {
    ended = true
  })
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET /api/v1/stream${query} HTTP/1.1\r\nhost: x\r\n${lines.join('')}\r\n`)
  await until(() => raw.includes('retry: ') || raw.includes('"code"') || ended)
  const over = (): boolean => ended || raw.endsWith('0\r\n\r\n')
  return {
    socket,
    raw: () => raw,
    lastTick: () => Number(/"tick":(\d+)\}/.exec(tail)?.[1]),
    ended: over,
    events: () => raw.match(/^(id|event|data): .*$/gm) ?? [],
  }
}

const codeOf = (client: Client): string =>
  (JSON.parse(/\{.*\}/s.exec(client.raw())?.[0] ?? '{}') as ProblemBody).code

const ask = (query: string, headers: Record<string, string> = {}) =>
  platform.gateway.app.inject({ method: 'GET', url: `/api/v1/stream${query}`, headers })

const tick = (n: number, id?: string): string =>
  eventFrame({ event: 'prices', data: `{"tick":${n}}`, ...(id === undefined ? {} : { id }) })

async function feed(count = 1): Promise<(frame: string) => void> {
  await until(() => platform.priceStreams.length === count)
  return (frame) => platform.priceStreams[count - 1]?.send(frame)
}

describe('prices', () => {
  test('are for anyone, each tick to each, without an id', async () => {
    const [first, second] = await Promise.all([open(), open('?channels=prices')])
    const say = await feed()
    say(tick(1, '77'))
    say(tick(2))
    await until(() => [first, second].every((client) => client.events().length === 4))
    const expected = ['event: prices', 'data: {"tick":1}', 'event: prices', 'data: {"tick":2}']
    expect([first.events(), second.events()]).toEqual([expected, expected])
    expect(first.raw()).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(first.raw()).toContain('x-ratelimit-remaining: ')
    expect(first.raw()).toContain('x-content-type-options: nosniff')
  })

  test('come from one subscription, however many listen', async () => {
    await Promise.all(Array.from({ length: 20 }, () => open()))
    await feed()
    await pause(20)
    expect(platform.priceStreams).toHaveLength(1)
  })

  test('begin with the last known', async () => {
    const first = await open()
    ;(await feed())(tick(1))
    await until(() => first.events().length === 2)
    const second = await open()
    await until(() => second.events().length === 2)
    expect(second.events()).toEqual(['event: prices', 'data: {"tick":1}'])
  })

  test('go on when the feed breaks off', async () => {
    const client = await open()
    ;(await feed())(tick(1))
    await until(() => client.events().length === 2)
    platform.priceStreams[0]?.close()
    ;(await feed(2))(tick(2))
    await until(() => client.events().length === 4)
    expect(client.ended()).toBe(false)
  })

  test('are not looked up with a bad token', async () => {
    expect((await ask('?channels=prices', bearer('unknown'))).json().code).toBe('bad-token')
    expect(platform.priceStreams).toEqual([])
  })

  test('reach those who read while one does not', async () => {
    const still = await open()
    still.socket.pause()
    const reading = await Promise.all([open(), open(), open()])
    const say = await feed()
    const big = 'x'.repeat(500_000)
    for (let n = 1; n <= 40; n += 1) {
      say(eventFrame({ event: 'prices', data: `{"x":"${big}","tick":${n}}` }))
      await until(() => reading.every((client) => client.lastTick() === n))
    }
    still.socket.resume()
    await until(() => still.lastTick() === 40)
    expect(still.raw().match(/"tick":\d+/g)?.length).toBeLessThan(40)
    for (const client of reading) expect(client.raw().match(/"tick":\d+/g)).toHaveLength(40)
  })
})

describe('a private stream', () => {
  const journal = async (count = 1) => {
    await until(() => platform.journals.length === count)
    const found = platform.journals[count - 1]
    if (found === undefined) throw new Error('There is no such journal.')
    return found
  }

  test('needs a customer', async () => {
    for (const query of ['?channels=orders', '?channels=prices,balances']) {
      const answer = await ask(query)
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'not-signed-in'])
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
  })

  test.each([
    '?channels=',
    '?channels=secrets',
    '?channels=prices;orders',
    '?channels=prices&channels=orders',
  ])('is refused for %s', async (query) => {
    expect((await ask(query, bearer('good'))).json().errors[0].field).toBe('channels')
  })

  test('is the caller’s own journal behind the last event it has', async () => {
    const client = await open('?channels=orders,balances', {
      ...bearer('good'),
      'last-event-id': '41',
    })
    const { call, stream } = await journal()
    expect(call.caller).toMatchObject({ kind: 'customer', username: 'alice_1' })
    expect(call.query).toEqual({ channels: 'orders,balances', after: 41 })
    stream.send(eventFrame({ event: 'orders', data: '{"o":1}', id: '42' }))
    stream.send(eventFrame({ event: 'balances', data: '{"b":1}', id: '43' }))
    await until(() => client.events().length === 6)
    expect(client.events()).toEqual([
      'id: 42',
      'event: orders',
      'data: {"o":1}',
      'id: 43',
      'event: balances',
      'data: {"b":1}',
    ])
    expect(platform.priceStreams).toEqual([])
  })

  test('begins from now on without one, and with all there is unless told', async () => {
    await open('', bearer('good'))
    const { call } = await journal()
    expect(call.query).toEqual({ channels: 'orders,balances' })
    await feed()
  })

  test.each(['x', '-1', '1.5', '1e3', '9'.repeat(16)])('cannot resume behind %s', async (id) => {
    const answer = await ask('?channels=orders', { ...bearer('good'), 'last-event-id': id })
    expect(answer.json()).toMatchObject({
      code: 'invalid-input',
      errors: [{ field: 'Last-Event-ID' }],
    })
  })

  test('mixes whole events of both kinds, and prices never move where it resumes', async () => {
    const client = await open('', bearer('good'))
    const { stream } = await journal()
    const say = await feed()
    const big = 'y'.repeat(200_000)
    for (let n = 1; n <= 20; n += 1) {
      stream.send(eventFrame({ event: 'orders', data: `{"n":${n},"x":"${big}"}`, id: String(n) }))
      say(tick(n, '999'))
      await stream.drained()
    }
    await until(() => client.raw().includes('{"tick":20}') && client.raw().includes('{"n":20,'))
    const text = client.raw().replace(/\r\n[0-9a-f]+\r\n/g, '')
    const frames = text.split('\n\n').filter((frame) => /^(id|event): /.test(frame))
    for (const frame of frames)
      expect(frame.slice(0, 60)).toMatch(
        /^id: \d+\nevent: orders\ndata: \{"n"|^event: prices\ndata: \{"tick"/,
      )
    expect(frames.filter((frame) => frame.startsWith('id: '))).toHaveLength(20)
  })

  test('ends when its journal ends, so that the client comes back', async () => {
    const client = await open('?channels=orders', bearer('good'))
    ;(await journal()).stream.close()
    await until(client.ended)
  })

  test('that its client leaves is left by the door', async () => {
    const client = await open('?channels=orders', bearer('good'))
    const { stream } = await journal()
    client.socket.destroy()
    await until(() => stream.closed)
  })

  test('ends with the sign-out, at once and alone', async () => {
    const mine = await open('?channels=orders', bearer('good'))
    const prices = await open('?channels=prices', bearer('good'))
    const others = await open('?channels=orders', bearer('other'))
    await platform.gateway.app.inject({
      method: 'POST',
      url: '/api/v1/auth/logout',
      headers: bearer('good'),
    })
    await until(mine.ended)
    await pause(20)
    expect([prices.ended(), others.ended()]).toEqual([false, false])
  })

  test('ends when its token expires', async () => {
    await begin({ tokenLifeMs: 150 })
    const client = await open('?channels=orders', bearer('good'))
    expect(client.ended()).toBe(false)
    await until(client.ended)
  })

  test('whose journal cannot be had is refused with what its owner says', async () => {
    const refusing = {
      send: () => Promise.reject(new Error('not asked')),
      open: async () => ({
        status: 503,
        headers: { 'retry-after': '4' },
        body: Readable.from([Buffer.from('{"code":"store-unavailable"}')]),
      }),
      close: async () => undefined,
    }
    const transports = new Map(platform.parts.transports).set('order', refusing)
    const door = await startTinyPlatform({ transports })
    door.sessions.set('good', 'alice_1')
    const refused = await door.gateway.app.inject({
      url: '/api/v1/stream',
      headers: bearer('good'),
    })
    expect([refused.json().code, refused.headers['retry-after']]).toEqual([
      'store-unavailable',
      '4',
    ])
    await door.close()
    await begin({ transports: new Map([...transports].filter(([name]) => name !== 'order')) })
    expect(codeOf(await open('', bearer('good')))).toBe('dependency-down')
  })

  test('brings a long journal whole to a client that reads it slowly', async () => {
    const client = await open('?channels=orders', bearer('good'))
    const { stream } = await journal()
    client.socket.pause()
    const big = 'y'.repeat(100_000)
    setTimeout(() => client.socket.resume(), 200)
    for (let n = 1; n <= 100; n += 1) {
      stream.send(eventFrame({ event: 'orders', data: big, id: String(n) }))
      await stream.drained()
    }
    stream.close()
    await until(client.ended)
    expect(client.raw().match(/^id: \d+$/gm)).toHaveLength(100)
  })
})

describe('streams', () => {
  test('are limited for each customer and each address, and given back', async () => {
    await begin({ atOnce: { requests: 100, requestsPerParty: 2, streamsPerParty: 2 } })
    const first = await open()
    await open()
    const third = await open()
    expect([third.raw().slice(0, 12), codeOf(third)]).toEqual(['HTTP/1.1 429', 'too-many-at-once'])
    expect(third.raw()).toContain('retry-after: 5\r\n')
    await open('', bearer('good'))
    await open('', bearer('good'))
    expect(codeOf(await open('', bearer('good')))).toBe('too-many-at-once')
    await open('', bearer('other'))
    first.socket.destroy()
    await until(() => platform.gateway.app.server.listening)
    let again = await open()
    while (codeOf(again) === 'too-many-at-once') again = await open()
    expect(again.raw()).toContain('HTTP/1.1 200 OK')
  })

  test('end when the door closes, and do not delay it', async () => {
    const [prices, own] = await Promise.all([open(), open('', bearer('good'))])
    const startedAt = performance.now()
    await platform.gateway.close()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    await until(() => prices.ended() && own.ended())
    await until(() => platform.journals.every(({ stream }) => stream.closed))
    await until(() => platform.priceStreams.every((stream) => stream.closed))
  })
})

test('a client that leaves at once leaves nothing behind', async () => {
  for (let i = 0; i < 20; i += 1) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      `GET /api/v1/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf('good')}\r\n\r\n`,
    )
    await pause(i % 4)
    socket.destroy()
  }
  await pause(50)
  expect(platform.journals.filter(({ stream }) => !stream.closed)).toEqual([])
})
