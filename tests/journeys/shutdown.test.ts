/** The platform is told to end while it is busy: what it has taken on it finishes, and then it ends. */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { register } from '@cnop/contract/auth.ts'
import { getCapabilities } from '@cnop/contract/capabilities.ts'
import { API_BASE } from '@cnop/contract/route.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { newPerson, newUsername, signedIn } from '../customers.ts'
import { askWhileEnding } from '../late-request.ts'
import { connectRaw } from '../raw-http.ts'
import { startApart, startProcess, temporaryDataDir } from '../topologies.ts'

const END_MS_MAX = 5_000
const REGISTRATIONS = 16
const IDLE_CLIENTS = 12

let dataDir: string
beforeEach(async () => {
  dataDir = await temporaryDataDir()
})
afterEach(() => rm(dataDir, { recursive: true }))

const start = () => startProcess({ DATA_DIR: dataDir, GATEWAY_PORT: '0', INTERNAL_PORT: '0' })

/** Resolves with the status. The agent keeps the connections for later. */
function ask(agent: Agent, method: string, url: string, body?: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const asking = request(url, { agent, method, headers }, (answer) => {
      text(answer).then(() => resolve(answer.statusCode ?? 0), reject)
    })
    asking.on('error', reject)
    asking.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Clients that stay connected, one that never says anything, one that listens, and much to do. */
async function busyDoor(url: string) {
  const agent = new Agent({ keepAlive: true })
  const at = (route: { path: string }): string => `${url}${API_BASE}${route.path}`
  const clients = Array.from({ length: REGISTRATIONS + IDLE_CLIENTS })
  await Promise.all(clients.map(() => ask(agent, 'GET', at(getCapabilities))))
  const silent = await connectRaw(url)
  const listening = await fetch(`${url}${API_BASE}/stream?channels=prices`)
  const names = Array.from({ length: REGISTRATIONS }, newUsername)
  const asked = names.map((name) => ask(agent, 'POST', at(register), newPerson(name)))
  // All are on their way at once, and hashing takes its time: with the first answer all are in.
  await Promise.race(asked)
  return {
    names,
    answers: Promise.all(asked),
    heard: text(listening.body!),
    leave() {
      silent.socket.destroy()
      agent.destroy()
    },
  }
}

it('answers everything in flight, and ends although clients stay connected', async () => {
  const { child, url } = await start()
  const door = await busyDoor(url)
  const toldAt = performance.now()
  const exited = once(child, 'exit')
  child.kill('SIGTERM')

  expect(new Set(await door.answers)).toEqual(new Set([201]))
  expect(await exited).toEqual([0, null])
  expect(performance.now() - toldAt).toBeLessThan(END_MS_MAX)
  expect(await door.heard).toContain('event: prices')
  door.leave()

  const again = await start()
  try {
    for (const username of door.names) await signedIn(again.url, { username, userId: '' })
  } finally {
    const ended = once(again.child, 'exit')
    again.child.kill('SIGTERM')
    await ended
  }
})

it('leaves nobody without an answer when all processes are told at once', async () => {
  const platform = await startApart({ dataDir })
  const door = await busyDoor(platform.url)
  const toldAt = performance.now()
  await platform.stop()
  expect(performance.now() - toldAt).toBeLessThan(END_MS_MAX)
  expect(new Set(await door.answers)).toEqual(new Set([201]))
  expect(await door.heard).toContain('event: prices')
  door.leave()
})

it('tells those who ask meanwhile, and when to come again', async () => {
  const { child, url } = await start()
  const exited = once(child, 'exit')
  const { ahead, late } = await askWhileEnding(url, () => child.kill('SIGTERM'))
  expect(new Set(ahead.map(({ status }) => status))).toEqual(new Set([201]))
  expect(late.status).toBe(503)
  expect(JSON.parse(late.body)).toMatchObject({ code: 'shutting-down' })
  expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
  expect(await exited).toEqual([0, null])
})
