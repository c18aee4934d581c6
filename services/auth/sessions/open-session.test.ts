import { Problem } from '@cnop/contract/problem.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { describe, expect, it } from 'vitest'
import { passwordKey, storePassword } from '../passwords/password-rows.ts'
import { partitionOf } from '../users/user-rows.ts'
import { createAccessTokens } from './access-tokens.ts'
import { openSession } from './open-session.ts'
import { SESSION_RANGE } from './session-rows.ts'
import { loadSigningKey } from './signing-key.ts'

const clock = systemCommitClock
const ADA = { userId: 'ada', username: 'ada_lovelace' }

const setPassword = (store: Store, version: bigint): Promise<void> => {
  const row = storePassword({ hash: `hash-${version}`, version })
  const key = passwordKey(ADA.userId)
  return store.transact([{ kind: 'put', key, row }], { token: `password-${version}` })
}

async function open(store: Store, passwordVersion: bigint): Promise<string> {
  const signingKey = await loadSigningKey(createMemoryStore({ now: clock.now }), clock)
  const tokens = createAccessTokens({ signingKey, issuer: 'http://127.0.0.1', now: clock.now })
  const newId = () => crypto.randomUUID()
  const deadline = clock.now() + 5_000
  const parts = { store, tokens, clock, newId, lifeSeconds: 600 }
  return openSession({ user: ADA, passwordVersion }, deadline, parts)
}

const sessionsIn = async (store: Store) =>
  (await store.query(partitionOf(ADA.userId), { ...SESSION_RANGE, limit: 10 })).rows

describe('a session', () => {
  it('opens on the password that was verified', async () => {
    const store = createMemoryStore({ now: clock.now })
    await setPassword(store, 1n)
    expect(await open(store, 1n)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(await sessionsIn(store)).toHaveLength(1)
  })

  it('does not open on a password that was changed after it was verified', async () => {
    const store = createMemoryStore({ now: clock.now })
    await setPassword(store, 2n)
    await expect(open(store, 1n)).rejects.toThrow(new Problem('wrong-credentials'))
    expect(await sessionsIn(store)).toEqual([])
  })

  it('does not open on a password that changes in the very moment of the commit', async () => {
    const store = createMemoryStore({ now: clock.now })
    await setPassword(store, 1n)
    const racing: Store = {
      ...store,
      async transact(ops, options) {
        await setPassword(store, 2n)
        return store.transact(ops, options)
      },
    }
    await expect(open(racing, 1n)).rejects.toThrow(new Problem('wrong-credentials'))
    expect(await sessionsIn(store)).toEqual([])
  })
})
