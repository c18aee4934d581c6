import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Key, Store } from '@cnop/kit/store/store.ts'
import { describe, expect, it } from 'vitest'
import { passwordKey } from '../passwords/password-rows.ts'
import { secondFactorKey } from '../second-factor/factor-rows.ts'
import { codeOf, registered, signIn, startAuth } from '../testing/test-auth.ts'
import { readSessions } from './read-sessions.ts'
import { sessionKey } from './session-rows.ts'
import { sessionsToEnd } from './sessions-to-end.ts'

/** A store where something else is committed just after rows of this kind are read for the first time. */
function raced(kept: Store) {
  let race: { readonly key: Key; readonly rival: () => Promise<unknown> } | undefined
  const store: Store = {
    ...kept,
    async snapshot(keys) {
      const rows = await kept.snapshot(keys)
      const now = race
      if (now !== undefined && keys.some(({ pk, sk }) => pk === now.key.pk && sk === now.key.sk)) {
        race = undefined
        await now.rival()
      }
      return rows
    },
  }
  const raceAt = (key: Key, rival: () => Promise<unknown>): void => {
    race = { key, rival }
  }
  return { store, raceAt }
}

async function ready() {
  const kept = createMemoryStore({ now: Date.now })
  const { store, raceAt } = raced(kept)
  const auth = await startAuth({ store })
  const { user_id: userId } = await registered(auth)
  const endAll = async () =>
    kept.transact(await sessionsToEnd(userId, kept), { token: crypto.randomUUID() })
  const sessions = async () => (await readSessions(userId, kept)).sessions
  return { kept, auth, userId, raceAt, endAll, sessions }
}

describe('a sign-in', () => {
  it('is refused when all sessions are ended just after it was asked for no second factor', async () => {
    const { auth, userId, raceAt, endAll, sessions } = await ready()
    raceAt(secondFactorKey(userId), endAll)
    expect(await codeOf(signIn(auth))).toBe('contention')
    expect(await sessions()).toEqual([])
    expect((await signIn(auth)).token_type).toBe('bearer')
  })

  it('is refused when the password changes just after it was read', async () => {
    const { kept, auth, userId, raceAt, sessions } = await ready()
    const key = passwordKey(userId)
    raceAt(key, () =>
      kept.transact([{ kind: 'update', key, set: { version: 2n } }], { token: 'changed' }),
    )
    expect(await codeOf(signIn(auth))).toBe('wrong-credentials')
    expect(await sessions()).toEqual([])
  })

  it('leaves sessions of the platform as it was before refreshes where they are', async () => {
    const { kept, auth, userId, sessions } = await ready()
    const expires = BigInt(auth.clock.nowMs / 1000 + 600)
    const row = { username: 'ada_lovelace', createdAt: '2026-03-01T11:59:00.000Z', expires }
    const key = sessionKey(userId, 'before')
    await kept.transact([{ kind: 'put', key, row }], { token: 'before' })
    await signIn(auth)
    expect((await sessions()).map(({ sessionId }) => sessionId)).toContain('before')
  })
})
