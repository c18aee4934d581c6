import { createIds } from '@cnop/kit/ids.ts'
import { createLog } from '@cnop/kit/log.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { type Op, type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  dayOf,
  loadSecurityEvent,
  securityDayPartition,
} from '../security-log/security-event-rows.ts'
import { createAccessTokens } from './access-tokens.ts'
import { signOut } from './end-session.ts'
import { readSessions } from './read-sessions.ts'
import { type RefreshParts, refreshSession } from './refresh-session.ts'
import { createRefreshTokens } from './refresh-tokens.ts'
import { newSession } from './session-life.ts'
import { sessionKey, storeSession } from './session-rows.ts'
import { sessionsToEnd } from './sessions-to-end.ts'
import { signingKeyVault } from './signing-key-rows.ts'
import { loadSigningKeys } from './signing-keys.ts'

const SECRET = 'a secret of the tests, of 32 characters or more'
const START = Date.parse('2026-03-01T12:00:00.000Z')
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const HOME = { address: '203.0.113.7', userAgent: 'Firefox', requestId: 'r-1' }
const AWAY = { address: '198.51.100.9', userAgent: 'curl', requestId: 'r-2' }
const RULES = { accessTokenMinutes: 10, sessionDays: 30, sessionIdleDays: 7 }

let nowMs: number
beforeEach(() => {
  nowMs = START
})
const clock = { ...systemCommitClock, now: () => nowMs }
const newId = createIds(Date.now)

const dawdling = (store: Store): Store =>
  createDawdlingStore({
    store,
    chance: clock.random,
    pause: clock.pause,
    pauseMsMax: 5,
  })

/** One session of Ada's, over a store that is as quick or as slow as asked for. */
async function signedIn(wrap: (store: Store) => Store = (store) => store) {
  const kept = createMemoryStore({ now: clock.now })
  const store = wrap(kept)
  const vault = signingKeyVault(SECRET)
  const log = createLog({ level: 'silent', service: 'auth' })
  const keys = await loadSigningKeys({ store: kept, clock, days: 30, vault, newId, log })
  const tokens = createAccessTokens({ keys, issuer: 'http://127.0.0.1', now: clock.now })
  const refreshTokens = createRefreshTokens(SECRET)
  const parts: RefreshParts = { store, clock, newId, tokens, refreshTokens, rules: RULES }
  const sessionId = newId()
  const row = storeSession(newSession('ada_lovelace', { visitor: HOME, nowMs, life: RULES }))
  const put: Op = { kind: 'put', key: sessionKey('ada', sessionId), row }
  await kept.transact([put], { token: 'signed in' })
  const deadline = () => nowMs + 5_000
  return {
    store,
    sessionId,
    token: refreshTokens.write({ userId: 'ada', sessionId, generation: 1n }),
    tokens,
    parts,
    refresh: (token: string | undefined, visitor = HOME, wrapped = store) =>
      refreshSession({ token, visitor, deadline: deadline() }, { ...parts, store: wrapped }),
    session: async () => (await readSessions('ada', kept)).sessions[0],
    signOut: (through = store) =>
      signOut(
        { userId: 'ada', sessionId, visitor: HOME, deadline: deadline() },
        { ...parts, store: through },
      ),
    events: async () => {
      const pk = securityDayPartition(dayOf(nowMs))
      const { rows } = await kept.query(pk, { limit: 100 })
      return rows.map((event) => loadSecurityEvent(event.sk, event.row))
    },
  }
}

const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (problem) => problem.code,
  )

describe('a refresh', () => {
  it('answers new tokens, moves the session on, and says where it was last seen', async () => {
    const ada = await signedIn()
    const before = await ada.session()
    nowMs += MINUTE_MS
    const grant = await ada.refresh(ada.token, AWAY)
    expect(grant.accessSeconds).toBe(600)
    expect(await ada.tokens.verify(grant.accessToken)).toMatchObject({ sessionId: ada.sessionId })
    expect(grant.refreshToken).not.toBe(ada.token)
    expect(grant.refreshSeconds).toBe(7 * 86_400)
    expect(await ada.session()).toEqual({
      ...before,
      generation: 2n,
      rotatedAtMs: nowMs,
      lastSeenAt: '2026-03-01T12:01:00.000Z',
      expires: nowMs / 1000 + 7 * 86_400,
      address: AWAY.address,
      userAgent: AWAY.userAgent,
    })
    expect(await ada.refresh(grant.refreshToken)).toMatchObject({ accessSeconds: 600 })
    expect(await ada.events()).toEqual([])
  })

  it.each([
    ['a plain store', (store: Store) => store],
    ['a slow one', dawdling],
  ])('of one token twenty times at once has one successor, on %s', async (_, wrap) => {
    const ada = await signedIn(wrap)
    const grants = await Promise.all(Array.from({ length: 20 }, () => ada.refresh(ada.token)))
    expect(new Set(grants.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    expect((await ada.session())?.generation).toBe(2n)
    for (const { accessToken } of grants) {
      expect((await ada.tokens.verify(accessToken)).userId).toBe('ada')
    }
    expect(await ada.events()).toEqual([])
  })

  it('with the token just retired answers the same successor, and moves nothing', async () => {
    const ada = await signedIn()
    const { refreshToken } = await ada.refresh(ada.token)
    const moved = await ada.session()
    nowMs += 9_999
    const again = await ada.refresh(ada.token, AWAY)
    expect(again.refreshToken).toBe(refreshToken)
    expect((await ada.tokens.verify(again.accessToken)).sessionId).toBe(ada.sessionId)
    expect(await ada.session()).toEqual(moved)
  })

  it('with a token retired longer ago ends the session, and tells it in the same commit', async () => {
    const ada = await signedIn()
    const { refreshToken } = await ada.refresh(ada.token)
    nowMs += 10_000
    expect(await codeOf(ada.refresh(ada.token, AWAY))).toBe('not-signed-in')
    expect(await ada.session()).toBeUndefined()
    expect(await codeOf(ada.refresh(refreshToken))).toBe('not-signed-in')
    expect(await ada.events()).toEqual([
      {
        id: expect.any(String),
        at: '2026-03-01T12:00:10.000Z',
        kind: 'token-reused',
        outcome: 'refused',
        userId: 'ada',
        address: AWAY.address,
        requestId: AWAY.requestId,
        detail: ada.sessionId,
      },
    ])
  })

  it('ends nothing and tells nothing where that commit fails', async () => {
    const ada = await signedIn()
    await ada.refresh(ada.token)
    nowMs += 10_000
    const full: Store = {
      ...ada.store,
      transact: () => Promise.reject(new StoreFault('unavailable', 'The disk is full')),
    }
    expect(await codeOf(ada.refresh(ada.token, HOME, full))).toBe('store-unavailable')
    expect(await ada.session()).toBeDefined()
    expect(await ada.events()).toEqual([])
  })

  it('is refused alike without a token, with a forged one and of an unknown session', async () => {
    const ada = await signedIn()
    const { refreshTokens } = ada.parts
    const claim = { userId: 'ada', sessionId: 'unknown', generation: 1n }
    const stranger = createRefreshTokens('a secret of strangers, of 32 characters or more')
    const forged = stranger.write({ ...claim, sessionId: ada.sessionId })
    const elsewhere = { ...claim, userId: 'babbage', sessionId: ada.sessionId }
    for (const token of [
      undefined,
      '',
      'cnop',
      forged,
      refreshTokens.write(claim),
      refreshTokens.write(elsewhere),
    ]) {
      expect(await codeOf(ada.refresh(token))).toBe('not-signed-in')
    }
    expect((await ada.session())?.generation).toBe(1n)
    expect(await ada.events()).toEqual([])
  })

  it('goes on for as long as it is used, to the longest life of a session and no longer', async () => {
    const ada = await signedIn()
    let { token } = ada
    for (let day = 6; day <= 24; day += 6) {
      nowMs = START + day * DAY_MS
      token = (await ada.refresh(token)).refreshToken
    }
    nowMs = START + 30 * DAY_MS - 90_000
    const last = await ada.refresh(token)
    expect([last.accessSeconds, last.refreshSeconds]).toEqual([90, 90])
    nowMs = START + 30 * DAY_MS
    expect(await codeOf(ada.refresh(last.refreshToken))).toBe('not-signed-in')
  })

  it('is too late for a session that was not used for days', async () => {
    const ada = await signedIn()
    nowMs = START + 7 * DAY_MS
    expect(await codeOf(ada.refresh(ada.token))).toBe('not-signed-in')
    expect(await ada.events()).toEqual([])
  })

  it('that the store applied without saying so answers its successor', async () => {
    let lost = 3
    const forgetful = (store: Store): Store => ({
      ...store,
      async transact(ops, options) {
        await store.transact(ops, options)
        lost -= 1
        if (lost >= 0) throw new StoreFault('outcome-unknown', 'No answer came')
      },
    })
    const ada = await signedIn(forgetful)
    const { refreshToken } = await ada.refresh(ada.token)
    expect((await ada.session())?.generation).toBe(2n)
    expect((await ada.refresh(refreshToken)).refreshToken).not.toBe(refreshToken)
  })

  it('never brings back a session that ends at the same moment, whoever is first', async () => {
    for (let round = 0; round < 30; round += 1) {
      const ada = await signedIn(dawdling)
      const endAll = async () =>
        ada.store.transact(await sessionsToEnd('ada', ada.store), { token: newId() })
      const end = round % 2 === 0 ? ada.signOut() : endAll()
      const [, ...refreshes] = await Promise.all([
        end,
        ...Array.from({ length: 3 }, () => codeOf(ada.refresh(ada.token))),
      ])
      expect(await ada.session()).toBeUndefined()
      for (const code of refreshes) expect(['done', 'not-signed-in']).toContain(code)
    }
  })

  it('does not revive a session that ends between its reading and its commit', async () => {
    const ada = await signedIn()
    const racing: Store = {
      ...ada.store,
      async transact(ops, options) {
        await ada.signOut(ada.store)
        return ada.store.transact(ops, options)
      },
    }
    expect(await codeOf(ada.refresh(ada.token, HOME, racing))).toBe('not-signed-in')
    expect(await ada.session()).toBeUndefined()
  })
})
