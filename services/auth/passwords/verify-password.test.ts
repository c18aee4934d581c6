import { randomUUID } from 'node:crypto'
import { Problem } from '@cnop/contract/problem.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { describe, expect, it } from 'vitest'
import { registerUser } from '../users/register-user.ts'
import { createPasswordHasher, type PasswordHasher } from './password-hasher.ts'
import { loadPassword, passwordKey, storePassword } from './password-rows.ts'
import { verifyPassword } from './verify-password.ts'

const PASSWORD = 'correct horse battery'
const clock = systemCommitClock
const CHEAP = { memoryKib: 8, passes: 1, parallelism: 1 }

const hasherOf = (passes: number) =>
  createPasswordHasher({ cost: { ...CHEAP, passes }, queue: (work) => work() })

async function oneUser() {
  const store = createMemoryStore({ now: clock.now })
  const hasher = hasherOf(1)
  await registerUser(
    {
      userId: 'ada',
      username: 'ada_lovelace',
      password: PASSWORD,
      details: {
        email: 'ada@example.org',
        firstName: 'Ada',
        lastName: 'Lovelace',
        phone: undefined,
        dateOfBirth: undefined,
        marketingEmailsConsent: false,
      },
      visitor: { address: '203.0.113.7', userAgent: '', requestId: 'r1' },
      deadline: clock.now() + 5_000,
    },
    { store, hasher, clock, newId: () => randomUUID(), commonPasswords: new Set() },
  )
  return { store, hasher }
}

const credentials = (usernameOrEmail: string, password = PASSWORD) => ({
  usernameOrEmail,
  password,
  deadline: clock.now() + 5_000,
})

/** The same store and hasher, and a list of what they were asked to do. */
function watched(store: Store, hasher: PasswordHasher) {
  const work: string[] = []
  const watchedStore: Store = {
    ...store,
    snapshot(keys) {
      work.push(`read ${keys.map(({ pk, sk }) => `${pk.slice(0, 2)}${sk}`).join(' ')}`)
      return store.snapshot(keys)
    },
  }
  const watchedHasher: PasswordHasher = {
    ...hasher,
    verify(password, hash) {
      work.push(`argon2 ${hash.split('$').slice(0, 4).join('$')}`)
      return hasher.verify(password, hash)
    },
  }
  return { work, store: watchedStore, hasher: watchedHasher, clock }
}

describe('verifying a password', () => {
  it('does the same work for an unknown name, an unknown address and a wrong password', async () => {
    const { store, hasher } = await oneUser()
    const workFor = async (usernameOrEmail: string): Promise<string[]> => {
      const parts = watched(store, hasher)
      const refusal = verifyPassword(credentials(usernameOrEmail, 'wrong horse battery'), parts)
      await expect(refusal).rejects.toThrow(new Problem('wrong-credentials'))
      return parts.work.map((item) => item.replace('M#', 'N#'))
    }
    const known = await workFor('ada_lovelace')
    expect(known).toEqual([
      'read N#@USER',
      'read U#@PROFILE U#@PASSWORD',
      'argon2 $argon2id$v=19$m=8,t=1,p=1',
    ])
    expect(await workFor('nobody_here')).toEqual(known)
    expect(await workFor('nobody@example.org')).toEqual(known)
    expect(await workFor('ada@example.org')).toEqual(known)
  })

  it('replaces a hash that costs less than new ones, without making it a new password', async () => {
    const { store } = await oneUser()
    const dearer = hasherOf(2)
    const stored = async () => {
      const [row] = await store.snapshot([passwordKey('ada')])
      return loadPassword(row ?? {})
    }
    expect(dearer.isOutdated((await stored()).hash)).toBe(true)

    const parts = { store, hasher: dearer, clock }
    const both = [credentials('ada_lovelace'), credentials('ada@example.org')]
    const verified = await Promise.all(both.map((given) => verifyPassword(given, parts)))
    expect(verified).toMatchObject([{ passwordVersion: 1n }, { passwordVersion: 1n }])

    const raised = await stored()
    expect(dearer.isOutdated(raised.hash)).toBe(false)
    expect(raised.version).toBe(1n)
    await verifyPassword(credentials('ada_lovelace'), parts)
    expect((await stored()).hash).toBe(raised.hash)
  })

  it('never puts the hash of an old password over that of a new one', async () => {
    const { store, hasher } = await oneUser()
    const changed = storePassword({ hash: await hasher.hash('a new long password'), version: 2n })
    const racing: Store = {
      ...store,
      async transact(ops, options) {
        const op: Op = { kind: 'put', key: passwordKey('ada'), row: changed }
        await store.transact([op], { token: 'the change' })
        return store.transact(ops, options)
      },
    }
    const parts = { store: racing, hasher: hasherOf(2), clock }
    expect((await verifyPassword(credentials('ada_lovelace'), parts)).passwordVersion).toBe(1n)
    expect(await store.snapshot([passwordKey('ada')])).toEqual([changed])
  })

  it('leaves the hash alone when the password is wrong', async () => {
    const { store } = await oneUser()
    const before = await store.snapshot([passwordKey('ada')])
    const wrong = credentials('ada_lovelace', 'wrong horse battery')
    const refusal = verifyPassword(wrong, { store, hasher: hasherOf(2), clock })
    await expect(refusal).rejects.toThrow(new Problem('wrong-credentials'))
    expect(await store.snapshot([passwordKey('ada')])).toEqual(before)
  })
})
