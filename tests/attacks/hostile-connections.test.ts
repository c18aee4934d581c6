/** Whoever keeps a connection busy, or never ends what it says, is cut off; others are served. */
import { setTimeout as pause } from 'node:timers/promises'
import { deposit, getBalance } from '@cnop/contract/balance.ts'
import { getCapabilities } from '@cnop/contract/capabilities.ts'
import { API_BASE } from '@cnop/contract/route.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, freshKey, newCustomer } from '../customers.ts'
import { askRaw, connectRaw, type RawConnection, requestText } from '../raw-http.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'

/** Of each kind of slow client. */
const SLOW_CLIENTS = 150
/** Longer than the platform gives anyone to say what it wants. */
const PATIENCE_MS = 45_000
const ANSWER_MS_MAX = 2_000

let platform: RunningPlatform
let customer: Customer
/** Whose token the slow and the broken requests carry. */
let mallory: Customer

beforeAll(async () => {
  platform = await startTogether()
  customer = await newCustomer(platform.url)
  mallory = await newCustomer(platform.url)
  await customer.deposit('10')
})
afterAll(async () => {
  const said = platform.said()
  await platform.stop()
  expect(said).not.toMatch(/"level":"(error|fatal)"/)
})

/** Throws when the platform does not serve a customer as if nothing were the matter. */
async function expectServed(): Promise<void> {
  const from = performance.now()
  expect(await customer.call(getBalance, {})).toMatchObject({ current_balance: '10.00' })
  expect(performance.now() - from).toBeLessThan(ANSWER_MS_MAX)
}

const depositHead = (headers: Record<string, string>): string =>
  `${requestText('POST', API_BASE + deposit.path, {
    headers: {
      authorization: `Bearer ${mallory.token}`,
      'idempotency-key': freshKey(),
      'content-type': 'application/json',
      ...headers,
    },
  })}`

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

type SlowKind = readonly [title: string, begin: () => string, drip: () => string]

const SLOW: readonly SlowKind[] = [
  ['say nothing', () => '', () => ''],
  [
    'never end their headers',
    () => 'GET / HTTP/1.1\r\nhost: x\r\n',
    () => `x-${freshKey()}: 1\r\n`,
  ],
  ['never end their body', () => depositHead({ 'content-length': '1000' }), () => ' '],
  [
    'never end their chunks',
    () => depositHead({ 'transfer-encoding': 'chunked' }),
    () => chunk(' '),
  ],
  ['promise a body and send none', () => depositHead({ 'content-length': '60000' }), () => ''],
]

async function holdOn(connection: RawConnection, [, begin, drip]: SlowKind): Promise<void> {
  connection.write(begin())
  for (let waited = 0; waited < PATIENCE_MS; waited += 1_000) {
    const ended = await Promise.race([connection.ended.then(() => true), pause(1_000, false)])
    if (ended) return
    const more = drip()
    if (more !== '' && connection.socket.writable) connection.write(more)
  }
  throw new Error('The platform still waits.')
}

describe('the platform', () => {
  it(`cuts off ${SLOW_CLIENTS} slow clients of each kind, and serves others meanwhile`, {
    timeout: 2 * PATIENCE_MS,
  }, async () => {
    const connections = await Promise.all(
      SLOW.flatMap((kind) =>
        Array.from(
          { length: SLOW_CLIENTS },
          async () => [kind, await connectRaw(platform.url)] as const,
        ),
      ),
    )
    let over = false
    const serving = (async () => {
      while (!over) {
        await expectServed()
        await pause(250)
      }
    })()
    const held = await Promise.allSettled(
      connections.map(([kind, connection]) =>
        holdOn(connection, kind).finally(() => connection.socket.destroy()),
      ),
    )
    over = true
    await serving
    const endless = held.flatMap(({ status }, index) =>
      status === 'rejected' ? [connections[index]?.[0][0]] : [],
    )
    expect([...new Set(endless)], `${endless.length} are still waited for`).toEqual([])
  })

  it('stops reading a body at 64 KB, however it comes', async () => {
    const connection = await connectRaw(platform.url)
    connection.write(depositHead({ 'transfer-encoding': 'chunked' }))
    let sent = 0
    for (; sent < 50_000_000 && connection.socket.writable; sent += 16_384) {
      const more = connection.socket.write(chunk(' '.repeat(16_384)))
      if (!more)
        await Promise.race([
          new Promise((go) => connection.socket.once('drain', go)),
          connection.ended,
        ])
    }
    expect(sent, 'it is not read to the end').toBeLessThan(50_000_000)
    connection.socket.destroy()
    await expectServed()
  })

  it('says what is too large, before it is there', async () => {
    const head = depositHead({ 'content-length': '1000000000' })
    expect((await askRaw(platform.url, head)).status).toBe(413)
  })

  it.each([
    ['one header of 20 kB', `x: ${'y'.repeat(20_000)}\r\n`],
    [
      '1,000 headers',
      Array.from({ length: 1_000 }, (_, i) => `x-${i}: ${'y'.repeat(12)}\r\n`).join(''),
    ],
    ['a cookie of 20 kB', `cookie: ${'c=1; '.repeat(4_000)}\r\n`],
  ])('refuses %s', async (_, headers) => {
    const answer = await askRaw(
      platform.url,
      `GET /api/v1/capabilities HTTP/1.1\r\nhost: x\r\n${headers}\r\n`,
    )
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([431, 'headers-too-large'])
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    await expectServed()
  })

  it.each([
    ['no HTTP', 'Hello?\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a header without a name', 'GET / HTTP/1.1\r\nhost: x\r\n: y\r\n\r\n'],
    ['a header folded over lines', 'GET / HTTP/1.1\r\nhost: x\r\nx: y\r\n z\r\n\r\n'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'chunks that are not the last coding',
      'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    ],
    [
      'a chunk of negative length',
      'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n',
    ],
    ['a bare line feed in a header', 'GET / HTTP/1.1\r\nhost: x\r\nx: a\nb: c\r\n\r\n'],
    ['a null byte in a header', 'GET / HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a version of the future', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n'],
    ['a method of 10 kB', `${'G'.repeat(10_000)} / HTTP/1.1\r\nhost: x\r\n\r\n`],
  ])('refuses %s and hangs up', async (_, text) => {
    const connection = await connectRaw(platform.url)
    connection.write(text)
    const answer = await connection.answer()
    expect([400, 404, 405, 431, 505]).toContain(answer.status)
    await connection.ended
    await expectServed()
  })

  it('answers no request with what it says to the garbage behind it', async () => {
    const key = freshKey()
    const body = '{"amount":"5"}'
    const whole =
      depositHead({ 'content-length': String(body.length), 'idempotency-key': key }) + body
    for (const behind of [
      'GARBAGE\r\n\r\n',
      `${depositHead({ 'transfer-encoding': 'chunked' })}-1\r\n`,
    ]) {
      const connection = await connectRaw(platform.url)
      connection.write(whole + behind)
      const answer = await connection.answer().catch(() => undefined)
      expect([undefined, 201]).toContain(answer?.status)
      await connection.ended
    }
    const headers = { 'idempotency-key': key }
    const settled = await mallory.raw('POST', deposit.path, { body, headers })
    expect(settled.status).toBe(201)
    expect(await mallory.call(getBalance, {})).toMatchObject({ current_balance: '5.00' })
  })

  it('hides no second request in a body', async () => {
    const hidden = requestText('DELETE', `${API_BASE}/auth/sessions`, {
      headers: { authorization: `Bearer ${customer.token}` },
    })
    const connection = await connectRaw(platform.url)
    connection.write(depositHead({ 'content-length': String(hidden.length) }) + hidden)
    expect((await connection.answer()).status).toBe(400)
    connection.write(requestText('GET', API_BASE + getCapabilities.path))
    expect((await connection.answer()).status).toBe(200)
    connection.socket.destroy()
  })

  it('outlives 2,000 connections that are reset as soon as they ask', async () => {
    for (let round = 0; round < 20; round += 1) {
      const connections = await Promise.all(
        Array.from({ length: 100 }, () => connectRaw(platform.url)),
      )
      for (const { socket, write } of connections) {
        write(
          requestText('GET', API_BASE + getBalance.path, {
            headers: { authorization: `Bearer ${customer.token}` },
          }),
        )
        socket.resetAndDestroy()
      }
    }
    await expectServed()
  })
})
