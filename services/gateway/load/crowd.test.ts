import { connect, type Socket } from 'node:net'
import { API_BASE } from '@cnop/contract/route.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiOf, codeOf, JSON_BODY, sendTo, startDoor } from '../testing/door.ts'
import { bearer, tokenOf } from '../testing/tiny-auth.ts'
import { seenBy, type TinyPlatform } from '../testing/tiny-platform.ts'
import { createCrowd } from './crowd.ts'

let platform: TinyPlatform
let clients: Socket[]
let port: number
let release: () => void

beforeEach(async () => {
  clients = []
  platform = await startDoor({ atOnce: { requests: 6, requestsPerParty: 3, streamsPerParty: 4 } })
  const { promise, resolve } = Promise.withResolvers<void>()
  platform.gate = promise
  release = resolve
  port = Number(new URL(await platform.listen()).port)
})
afterEach(async () => {
  release()
  for (const client of clients) client.destroy()
  await platform.close()
})

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const DEPOSIT = '{"amount":"1"}'
const depositBytes = (name: string): string =>
  `POST ${API_BASE}/balance/deposit HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf(name)}\r\ncontent-type: application/json\r\ncontent-length: ${DEPOSIT.length}\r\n\r\n${DEPOSIT}`

/** A deposit that waits for the gate, on a connection of its own. */
async function hold(name: string, times = 1): Promise<Socket> {
  const before = seenBy(platform, '/balance/deposit').length
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  clients.push(socket)
  socket.write(depositBytes(name).repeat(times))
  while (seenBy(platform, '/balance/deposit').length < before + times) await pause(1)
  return socket
}

const read = (name: string) => apiOf(platform, '/balance', { headers: bearer(name) })

async function untilTaken(name: string): Promise<void> {
  while ((await read(name)).statusCode !== 200) await pause(2)
}

describe('one customer', () => {
  test('has so many requests under way, and the next is told when to come', async () => {
    for (let i = 0; i < 3; i += 1) await hold('good')
    const refused = await read('good')
    expect([refused.statusCode, codeOf(refused)]).toEqual([429, 'too-many-at-once'])
    expect(refused.headers['retry-after']).toBe('1')
    expect(refused.headers['x-ratelimit-limit']).toBe('3000')
    expect((await read('other')).statusCode).toBe(200)
    release()
    await untilTaken('good')
  })

  test('who leaves gives the places back, also of requests that wait behind one another', async () => {
    const socket = await hold('good', 3)
    expect(codeOf(await read('good'))).toBe('too-many-at-once')
    socket.destroy()
    await untilTaken('good')
    const answers = await Promise.all([read('good'), read('good'), read('good')])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
  })

  test('who leaves while it is asked who that is keeps no place', async () => {
    for (let i = 0; i < 30; i += 1) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      clients.push(socket)
      platform.clock.nowMs += 1_000
      socket.write(depositBytes('good'), () => setTimeout(() => socket.destroy(), i % 3))
      await pause(3)
    }
    release()
    await untilTaken('good')
    const answers = await Promise.all([read('good'), read('good'), read('good')])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
  })

  test('keeps no place by refusals, failures or streams', async () => {
    const failing = [
      apiOf(platform, '/orders/abc', { headers: bearer('good') }),
      apiOf(platform, '/nothing', { headers: bearer('good') }),
      apiOf(platform, '/balance', { headers: bearer('bad') }),
      apiOf(platform, '/inventory/assets/BTC'),
      apiOf(platform, '/orders/%ZZ', { headers: bearer('good') }),
      apiOf(platform, '/balance/deposit', {
        method: 'POST',
        payload: 'x'.repeat(70_000),
        headers: { ...JSON_BODY, ...bearer('good') },
      }),
    ]
    for (const each of failing) expect((await each).statusCode).toBeGreaterThanOrEqual(400)
    for (let i = 0; i < 4; i += 1) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      clients.push(socket)
      socket.write(
        `GET ${API_BASE}/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf('good')}\r\n\r\n`,
      )
      while (platform.journals.length <= i) await pause(1)
    }
    await hold('good')
    await hold('good')
    expect((await read('good')).statusCode).toBe(200)
  })
})

describe('the door', () => {
  test('sheds what is too much before it asks anyone, and says so to all but health', async () => {
    for (const name of ['good', 'good', 'good', 'other', 'other', 'other']) await hold(name)
    const asked = platform.seen.length
    for (const headers of [bearer('good'), {}]) {
      const refused = await apiOf(platform, '/capabilities', { headers })
      expect([refused.statusCode, codeOf(refused)]).toEqual([503, 'overloaded'])
      expect(refused.headers).toMatchObject({
        'retry-after': '2',
        'x-ratelimit-limit': '10000',
        'x-content-type-options': 'nosniff',
      })
    }
    expect((await sendTo(platform, '/docs')).statusCode).toBe(503)
    expect(platform.seen).toHaveLength(asked)
    for (const path of ['/health', '/health/live', '/health/ready'])
      expect((await sendTo(platform, path)).statusCode).toBe(200)
    release()
    while ((await apiOf(platform, '/capabilities')).statusCode !== 200) await pause(2)
  })
})

test('bodies that trickle in hold the seats of their party, and no place of the house', async () => {
  for (const name of ['good', 'other']) {
    for (let i = 0; i < 3; i += 1) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      clients.push(socket)
      socket.write(depositBytes(name).slice(0, -1))
    }
    while (codeOf(await read(name)) !== 'too-many-at-once') await pause(2)
  }
  expect((await apiOf(platform, '/capabilities')).statusCode).toBe(200)
})

test('while the loop is late nobody enters', () => {
  const loop = { late: true }
  const crowd = createCrowd({ requestsAtOnce: 10, perPartyMax: 10, loop })
  expect(() => crowd.refuseFull()).toThrow(expect.objectContaining({ code: 'overloaded' }))
  expect(() => crowd.stay().enter()).toThrow(expect.objectContaining({ code: 'overloaded' }))
  loop.late = false
  expect(() => crowd.stay().enter()).not.toThrow()
})

test('who has left before there was a place for it holds none', () => {
  const crowd = createCrowd({ requestsAtOnce: 1, perPartyMax: 1, loop: { late: false } })
  for (let i = 0; i < 3; i += 1) {
    const stay = crowd.stay()
    stay.enter()
    stay.leave()
    stay.sit('alice')
    stay.enter()
  }
  const stay = crowd.stay()
  stay.enter()
  stay.sit('alice')
  expect(() => crowd.stay().enter()).toThrow(expect.objectContaining({ code: 'overloaded' }))
})
