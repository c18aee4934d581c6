import { Problem } from '@cnop/contract/problem.ts'
import { ENDED_HEADER } from '@cnop/contract/session.ts'
import { createMemoryBus } from '@cnop/kit/bus/memory-bus.ts'
import type { EventStream } from '@cnop/kit/event-stream.ts'
import { expect, test } from 'vitest'
import type { Identity } from '../identity/token-check.ts'
import { createSessionWatch, doubtAll, doubtEnded } from './session-watch.ts'

const nowMs = Date.UTC(2026, 0, 1)
const identity: Identity = {
  caller: { kind: 'customer', userId: 'U1', username: 'alice_1', sessionId: 'S1' },
  token: 'T1',
  expiresAtMs: nowMs + 60 * 24 * 3_600_000,
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const NEVER_MS = 60_000
const openBus = () =>
  createMemoryBus((error) => {
    throw error
  })

function watched(identify: () => Promise<Identity>, { bus = openBus(), checkMs = 5 } = {}) {
  const endings: (() => void)[] = []
  let checks = 0
  const stream: EventStream = {
    send: () => undefined,
    offer: () => undefined,
    drained: async () => undefined,
    closed: false,
    onClose: (ended) => void endings.push(ended),
    close: () => {
      for (const ended of endings.splice(0)) ended()
    },
  }
  let closed = false
  stream.onClose(() => {
    closed = true
  })
  const tokens = {
    identify: () => {
      checks += 1
      return identify()
    },
    doubt: () => undefined,
  }
  const watch = createSessionWatch({ tokens, bus, now: () => nowMs, checkMs })
  watch.guard(stream, identity, '192.0.2.1')
  return { watch, stream, closed: () => closed, checks: () => checks }
}

test('a stream goes on while its session does, and is asked about no more once closed', async () => {
  const { stream, closed, checks } = watched(async () => identity)
  while (checks() < 3) await pause(1)
  expect(closed()).toBe(false)
  stream.close()
  const asked = checks()
  await pause(30)
  expect(checks()).toBe(asked)
})

test('a stream ends when its session has ended elsewhere', async () => {
  const { closed, checks } = watched(async () => {
    if (checks() > 2) throw new Problem('bad-token')
    return identity
  })
  while (!closed()) await pause(1)
  expect(checks()).toBe(3)
})

test('a stream whose session has ended while it was opened ends at once', async () => {
  const ended = () => Promise.reject(new Problem('bad-token'))
  const { closed } = watched(ended, { checkMs: NEVER_MS })
  await pause(1)
  expect(closed()).toBe(true)
})

test('a stream goes on while nobody knows', async () => {
  const { stream, closed, checks } = watched(async () => {
    throw new Problem('dependency-down')
  })
  while (checks() < 4) await pause(1)
  expect(closed()).toBe(false)
  stream.close()
})

test('a stream ends at every door at once when an answer says that its session has ended', async () => {
  const bus = openBus()
  let ended = false
  const ask = async () => {
    if (ended) throw new Problem('bad-token')
    return identity
  }
  const [here, elsewhere] = [ask, ask].map((identify) =>
    watched(identify, { bus, checkMs: NEVER_MS }),
  )
  doubtEnded({ headers: { [ENDED_HEADER]: 'U2,U3' } }, bus)
  doubtEnded({ headers: {} }, bus)
  expect([here?.checks(), elsewhere?.checks()]).toEqual([1, 1])
  ended = true
  doubtEnded({ headers: { [ENDED_HEADER]: 'U2,U1' } }, bus)
  expect([here?.checks(), elsewhere?.checks()]).toEqual([2, 2])
  await pause(1)
  expect([here?.closed(), elsewhere?.closed()]).toEqual([true, true])
})

test('every stream is asked about when nobody knows whose session has ended', async () => {
  const bus = openBus()
  const { stream, checks } = watched(async () => identity, { bus, checkMs: NEVER_MS })
  doubtAll(bus)
  expect(checks()).toBe(2)
  stream.close()
  doubtAll(bus)
  expect(checks()).toBe(2)
})
