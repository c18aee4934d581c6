import { Problem } from '@cnop/contract/problem.ts'
import { createIds } from '@cnop/kit/ids.ts'
import { commitDecision, systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { type Op, type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { describe, expect, it } from 'vitest'
import { passwordKey, storePassword } from '../passwords/password-rows.ts'
import { loadSecurityEvent } from '../security-log/security-event-rows.ts'
import type { SignInGround } from './decide-session.ts'
import { openSession } from './open-session.ts'
import { readSessions } from './read-sessions.ts'
import type { KeptSession } from './session-rows.ts'
import { sessionsToEnd } from './sessions-to-end.ts'

const clock = systemCommitClock
const newId = createIds(clock.now)
const ADA = { userId: 'ada', username: 'ada_lovelace' }

const setPassword = (store: Store, version: bigint): Promise<void> => {
  const row = storePassword({ hash: `hash-${version}`, version })
  const key = passwordKey(ADA.userId)
  return store.transact([{ kind: 'put', key, row }], { token: `password-${version}` })
}

const VISITOR = { address: '203.0.113.7', userAgent: 'Firefox', requestId: 'r-1' }

function open(
  store: Store,
  ground: Partial<SignInGround> = {},
  nowMs = clock.now(),
): Promise<KeptSession> {
  const deadline = clock.now() + 5_000
  const opening = { user: ADA, visitor: VISITOR, nowMs, deadline }
  const parts = { store, clock, newId, rules: { sessionDays: 30, sessionIdleDays: 7 } }
  return openSession({ ...opening, ground: { passwordVersion: 1n, ended: 0n, ...ground } }, parts)
}

const sessionsIn = async (store: Store) => (await readSessions(ADA.userId, store)).sessions

const idsIn = async (store: Store) => (await sessionsIn(store)).map(({ sessionId }) => sessionId)

const dawdling = (store: Store): Store =>
  createDawdlingStore({
    store,
    chance: clock.random,
    pause: clock.pause,
    pauseMsMax: 4,
  })

/** A store where something else is committed just before the first commit of the one under test. */
function racing(store: Store, rival: () => Promise<unknown>): Store {
  let raced = false
  return {
    ...store,
    async transact(ops, options) {
      if (!raced) {
        raced = true
        await rival()
      }
      return store.transact(ops, options)
    },
  }
}

async function newStore(): Promise<Store> {
  const store = createMemoryStore({ now: clock.now })
  await setPassword(store, 1n)
  return store
}

/** As a new password or a second factor ends them: in one commit with what changes. */
const endAll = (store: Store, except?: string): Promise<void> => {
  let ending: readonly Op[] = []
  return commitDecision({
    store,
    keys: [],
    gather: async () => {
      ending = await sessionsToEnd(ADA.userId, store, { except })
    },
    decide: () => ({ ops: ending, outcome: undefined }),
    deadline: clock.now() + 5_000,
    clock,
  })
}

describe('a session', () => {
  it('opens on the password that was verified, and says where and until when', async () => {
    const store = await newStore()
    const nowMs = Date.parse('2026-03-01T12:00:00.250Z')
    const session = await open(store, {}, nowMs)
    expect(await sessionsIn(store)).toEqual([session])
    expect(session).toEqual({
      sessionId: expect.any(String),
      username: 'ada_lovelace',
      createdAt: '2026-03-01T12:00:00.250Z',
      lastSeenAt: '2026-03-01T12:00:00.250Z',
      expires: Date.parse('2026-03-08T12:00:00Z') / 1000,
      generation: 1n,
      rotatedAtMs: nowMs,
      address: '203.0.113.7',
      userAgent: 'Firefox',
    })
  })

  it('does not open on a password that was changed after it was verified', async () => {
    const store = await newStore()
    await setPassword(store, 2n)
    await expect(open(store)).rejects.toThrow(new Problem('wrong-credentials'))
    expect(await sessionsIn(store)).toEqual([])
  })

  it('does not open on a password that changes in the very moment of the commit', async () => {
    const store = await newStore()
    const raced = racing(store, () => setPassword(store, 2n))
    await expect(open(raced)).rejects.toThrow(new Problem('wrong-credentials'))
    expect(await sessionsIn(store)).toEqual([])
  })

  it('does not open when all were ended after what it stands on was read', async () => {
    const store = await newStore()
    await endAll(store)
    await expect(open(store)).rejects.toThrow('Too many changes')
    expect(await sessionsIn(store)).toEqual([])
    await open(store, { ended: 1n })
    expect(await sessionsIn(store)).toHaveLength(1)
  })

  it('does not open when all are ended in the very moment of the commit', async () => {
    const store = await newStore()
    await expect(open(racing(store, () => endAll(store)))).rejects.toThrow('Too many changes')
    expect(await sessionsIn(store)).toEqual([])
  })

  it('that opens in the moment that ends all others is ended with them', async () => {
    const store = await newStore()
    const first = await open(store)
    const raced = racing(store, () => open(store))
    await endAll(raced, first.sessionId)
    expect(await idsIn(store)).toEqual([first.sessionId])
  })

  it('is opened by ten at once, and of ten that all are ended with, none is left', async () => {
    const kept = await newStore()
    const store = dawdling(kept)
    await Promise.all(Array.from({ length: 10 }, () => open(store)))
    expect(await sessionsIn(kept)).toHaveLength(10)
    const results = await Promise.allSettled([
      endAll(store),
      ...Array.from({ length: 10 }, () => open(store)),
    ])
    expect(results[0]?.status).toBe('fulfilled')
    expect(await sessionsIn(kept)).toEqual([])
    const reasons = results.flatMap((r) => (r.status === 'rejected' ? [r.reason.code] : []))
    expect(new Set(reasons)).toEqual(new Set(reasons.length > 0 ? ['contention'] : []))
  })

  it('beyond fifty ends the oldest', async () => {
    const store = await newStore()
    const opened: string[] = []
    for (let count = 0; count < 53; count += 1) opened.push((await open(store)).sessionId)
    expect(await idsIn(store)).toEqual(opened.slice(3))
  })

  it('beyond fifty ends the oldest also when many open at once', async () => {
    const kept = await newStore()
    for (let count = 0; count < 48; count += 1) await open(kept)
    await Promise.all(Array.from({ length: 8 }, () => open(dawdling(kept))))
    expect(await sessionsIn(kept)).toHaveLength(50)
  })

  it('that has expired makes room before any that has not', async () => {
    const store = await newStore()
    const longAgo = clock.now() - 8 * 86_400_000
    const first = await open(store)
    for (let count = 0; count < 30; count += 1) await open(store, {}, longAgo)
    await open(store)
    expect(await sessionsIn(store)).toHaveLength(2)
    expect(await idsIn(store)).toContain(first.sessionId)
  })

  it('is opened once when the store applied it without saying so', async () => {
    const store = await newStore()
    let lost = 3
    const forgetful: Store = {
      ...store,
      async transact(ops, options) {
        await store.transact(ops, options)
        lost -= 1
        if (lost >= 0) throw new StoreFault('outcome-unknown', 'No answer came')
      },
    }
    const session = await open(forgetful)
    expect(await idsIn(store)).toEqual([session.sessionId])
    expect((await readSessions(ADA.userId, store)).tally).toEqual({ opened: 1n, ended: 0n })
  })

  it('is told in the security log by the commit that opens it', async () => {
    const store = await newStore()
    const { sessionId, createdAt } = await open(store)
    const { rows } = await store.query(`E#${createdAt.slice(0, 10)}`, { limit: 10 })
    expect(rows.map(({ sk, row }) => loadSecurityEvent(sk, row))).toEqual([
      {
        id: expect.any(String),
        at: createdAt,
        kind: 'signed-in',
        outcome: 'done',
        userId: 'ada',
        address: '203.0.113.7',
        requestId: 'r-1',
        detail: sessionId,
      },
    ])
  })
})
