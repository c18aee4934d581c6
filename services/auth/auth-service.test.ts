import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { updateProfile } from '@cnop/contract/auth.ts'
import { call } from '@cnop/contract/call.ts'
import { logout, tokenKeys } from '@cnop/contract/session.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadRing, signingKeyVault } from './sessions/signing-key-rows.ts'
import {
  CHEAP,
  codeOf,
  codesOf,
  customerBehind,
  dawdling,
  newCustomer,
  PASSWORD,
  registered,
  SECRET,
  signIn,
  startAuth,
  validated,
} from './testing/test-auth.ts'

describe('the auth service', () => {
  it('keeps users, sessions and its key over a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cnop-auth-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const open = () =>
      openSqliteStore({
        file: join(folder, 'auth.db'),
        now: Date.now,
        onFatal: (error) => {
          throw error
        },
      })
    const before = open()
    const first = await startAuth({ store: before })
    const { token, userId } = await newCustomer(first)
    const ended = await customerBehind(first, (await signIn(first)).access_token)
    await call(ended.send, logout, {})
    const keys = await call(first.anybody, tokenKeys, {})
    await first.close()
    await before.close()

    const after = open()
    onTestFinished(() => after.close())
    const second = await startAuth({ store: after })
    expect(await call(second.anybody, tokenKeys, {})).toEqual(keys)
    expect((await validated(second, token)).user_id).toBe(userId)
    expect(await codeOf(validated(second, ended.token))).toBe('bad-token')
    expect((await signIn(second)).token_type).toBe('bearer')
    expect(await codeOf(registered(second))).toBe('username-taken')
  })

  it('accepts in one replica what another has signed', async () => {
    const store = dawdling(createMemoryStore({ now: Date.now }))
    const [one, other] = await Promise.all([startAuth({ store }), startAuth({ store })])
    const { token, userId, send } = await newCustomer(one)
    expect((await validated(other, token)).user_id).toBe(userId)
    await call(send, logout, {})
    expect(await codeOf(validated(other, token))).toBe('bad-token')
  })

  it('keeps a password that was hashed at a lower cost', async () => {
    const store = createMemoryStore({ now: Date.now })
    await registered(await startAuth({ store }))
    const dearer = await startAuth({ store, passwordCost: { ...CHEAP, passes: 3 } })
    expect((await signIn(dearer)).token_type).toBe('bearer')
    expect((await signIn(dearer)).token_type).toBe('bearer')
  })

  it('writes no secret into its log', async () => {
    const logged: string[] = []
    const auth = await startAuth({ logged })
    const { send, token, userId } = await newCustomer(auth)
    await codesOf([
      signIn(auth, 'ada_lovelace', 'wrong horse battery'),
      signIn(auth, PASSWORD.replaceAll(' ', '_'), PASSWORD),
      validated(auth, `${token}x`),
      call(send, updateProfile, { body: { first_name: 'Augusta' } }),
      call(send, logout, {}),
      validated(auth, token),
    ])
    const [row] = await auth.store.snapshot([{ pk: `U#${userId}`, sk: '@PASSWORD' }])
    const [key] = await auth.store.snapshot([{ pk: 'K#SIGNING', sk: '@CURRENT' }])
    const d = loadRing(key, signingKeyVault(SECRET))?.[0]?.jwk.d ?? 'no key'
    expect(d).toMatch(/^[A-Za-z0-9_-]{43}$/)
    await expect.poll(() => logged.length).toBeGreaterThan(0)
    const log = logged.join('')
    const secrets = [PASSWORD, 'correct_horse', 'wrong horse', token, d, String(row?.['hash'])]
    for (const secret of secrets) expect(log).not.toContain(secret)
  })
})
