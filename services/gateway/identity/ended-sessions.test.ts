import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { API_BASE } from '@cnop/contract/route.ts'
import { ENDED_HEADER } from '@cnop/contract/session.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { apiOf, JSON_BODY, type Sending, startDoor } from '../testing/door.ts'
import { bearer, keyOf, tokenOf } from '../testing/tiny-auth.ts'
import type { TinyPlatform } from '../testing/tiny-platform.ts'

const KEY = keyOf('reader')

let platform: TinyPlatform
let port: number
let streams: Map<string, Socket>

beforeEach(async () => {
  platform = await startDoor()
  platform.sessions.set('phone', 'alice_1')
  platform.keys.set(KEY, { username: 'alice_1', keyId: 'K1', scopes: ['read'] })
  port = Number(new URL(await platform.listen()).port)
  streams = new Map()
})
afterEach(async () => {
  for (const socket of streams.values()) socket.destroy()
  await platform.close()
})

/** Two sessions of Alice and a key, and one of Bob. */
const VISITORS: Readonly<Record<string, string>> = {
  good: tokenOf('good'),
  phone: tokenOf('phone'),
  key: KEY,
  other: tokenOf('other'),
}

async function openStream(token: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    `GET ${API_BASE}/stream HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${token}\r\n\r\n`,
  )
  const [head] = (await once(socket, 'data')) as [Buffer]
  expect(head.toString()).toContain('200 OK')
  return socket.resume()
}

async function everyoneListens(): Promise<void> {
  for (const [name, token] of Object.entries(VISITORS)) {
    streams.set(name, await openStream(token))
    const headers = { authorization: `Bearer ${token}` }
    expect((await apiOf(platform, '/balance', { headers })).statusCode).toBe(200)
  }
}

async function stillIn(): Promise<string[]> {
  const inside: string[] = []
  for (const [name, token] of Object.entries(VISITORS)) {
    const headers = { authorization: `Bearer ${token}` }
    const { statusCode } = await apiOf(platform, '/balance', { headers })
    if (statusCode === 200) inside.push(name)
  }
  return inside
}

const heardBy = (): string[] =>
  [...streams].filter(([, socket]) => !socket.readableEnded).map(([name]) => name)

/** Sooner than open streams are checked by themselves. */
const SOON_MS = 3_000

async function expectHeardBy(names: readonly string[]): Promise<void> {
  await expect.poll(heardBy, { timeout: SOON_MS, interval: 10 }).toEqual(names)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(heardBy()).toEqual(names)
}

const post = (body: unknown): Sending => ({
  method: 'POST',
  headers: { ...JSON_BODY, ...bearer('good') },
  payload: JSON.stringify(body),
})
const remove: Sending = { method: 'DELETE', headers: bearer('good') }
const password = { current_password: 'a'.repeat(12), new_password: 'b'.repeat(12) }
const email = { email: 'a@example.org', current_password: 'a'.repeat(12) }
const reset = { token: 't'.repeat(20), new_password: 'b'.repeat(12) }

test.each<[string, string, Sending, string[]]>([
  ['logout', '/auth/logout', { ...remove, method: 'POST' }, ['phone', 'key', 'other']],
  ['endSession', '/auth/sessions/session-phone', remove, ['good', 'key', 'other']],
  ['endOtherSessions', '/auth/sessions', remove, ['good', 'key', 'other']],
  ['changeEmail', '/auth/email', post(email), ['good', 'key', 'other']],
  ['changePassword', '/auth/password', post(password), ['good', 'key', 'other']],
  ['confirmSecondFactor', '/auth/totp/confirm', post({ code: '123456' }), ['good', 'key', 'other']],
  ['resetPassword', '/auth/password/reset', post(reset), ['key', 'other']],
  ['revokeApiKey', '/auth/keys/K1', remove, ['good', 'phone', 'other']],
])('%s lets nobody in whom it has ended, at once, and nobody else out', async (...given) => {
  const [, path, sending, left] = given
  await everyoneListens()
  const { statusCode, headers } = await apiOf(platform, path, sending)
  expect([statusCode, headers[ENDED_HEADER]]).toEqual([200, undefined])
  expect(await stillIn()).toEqual(left)
  await expectHeardBy(left)
})

test('a request that was refused ends nothing', async () => {
  await everyoneListens()
  platform.factors.set('id-of-alice_1', '123456')
  expect((await apiOf(platform, '/auth/password', post(password))).statusCode).toBe(401)
  expect(await stillIn()).toEqual(Object.keys(VISITORS))
  await expectHeardBy(Object.keys(VISITORS))
})
