import { createApiKey, listApiKeys, revokeApiKey } from '@cnop/contract/api-key.ts'
import { call } from '@cnop/contract/call.ts'
import { changePassword } from '@cnop/contract/password.ts'
import type { BodyOf } from '@cnop/contract/route.ts'
import { validateToken } from '@cnop/contract/session.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { describe, expect, it } from 'vitest'
import {
  ADDRESS,
  codeOf,
  codesOf,
  dawdling,
  fieldsOf,
  newCustomer,
  PASSWORD,
  problemOf,
  START,
  securityEventsIn,
  startAuth,
  type TestAuth,
  type TestCustomer,
} from './testing/test-auth.ts'

const MINUTE_MS = 60_000

type Terms = Partial<BodyOf<typeof createApiKey>>

const newKey = async ({ sendAsked }: Pick<TestCustomer, 'sendAsked'>, terms: Terms = {}) =>
  (
    await call(sendAsked, createApiKey, {
      body: { name: 'my bot', scopes: ['read'], password: PASSWORD, ...terms },
    })
  ).data

const keysOf = async ({ send }: Pick<TestCustomer, 'send'>) =>
  (await call(send, listApiKeys, {})).data

const revoke = ({ send }: Pick<TestCustomer, 'send'>, key_id: string) =>
  call(send, revokeApiKey, { params: { key_id } })

const use = async (auth: TestAuth, token: string, address: string | undefined = ADDRESS) =>
  (await call(auth.gateway, validateToken, { body: { token, address } })).data

describe('createApiKey', () => {
  it('shows the key this once, and keeps only what it may do', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const { api_key: text, ...key } = await newKey(ada, {
      scopes: ['read', 'trade'],
      addresses: ['203.0.113.7'],
      expires_at: '2027-01-01T00:00:00Z',
    })
    expect(text).toMatch(new RegExp(`^cnop_${key.key_id}_[A-Za-z0-9_-]{43}$`))
    expect(key).toEqual({
      key_id: expect.any(String),
      name: 'my bot',
      scopes: ['read', 'trade'],
      addresses: ['203.0.113.7'],
      created_at: '2026-03-01T12:00:00.000Z',
      expires_at: '2027-01-01T00:00:00.000Z',
    })
    expect(await keysOf(ada)).toEqual([key])
  })

  it('asks for the second factor, and only people make keys', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const asKey = auth.as({
      kind: 'customer',
      userId: ada.userId,
      username: 'ada_lovelace',
      sessionId: 'a-key',
      scopes: ['read', 'trade'],
      secondFactor: 'asked',
    })
    expect(await codeOf(newKey({ sendAsked: ada.send }))).toBe('second-factor-required')
    expect(await codeOf(newKey({ sendAsked: asKey }))).toBe('scope-missing')
    expect(await codeOf(keysOf({ send: asKey }))).toBe('scope-missing')
    expect(await codeOf(revoke({ send: asKey }, 'x'))).toBe('scope-missing')
    expect(await keysOf(ada)).toEqual([])
  })

  it('asks for the password, and blocks who guesses it', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const body = { name: 'my bot', scopes: ['read'] } as BodyOf<typeof createApiKey>
    expect(await fieldsOf(call(ada.sendAsked, createApiKey, { body }))).toEqual(['password'])
    for (let guess = 1; guess <= 5; guess += 1) {
      const password = `wrong horse battery ${guess}`
      expect(await codeOf(newKey(ada, { password }))).toBe('wrong-credentials')
    }
    expect(await codeOf(newKey(ada))).toBe('sign-in-blocked')
    expect(await keysOf(ada)).toEqual([])
  })

  it('makes none by a password that has changed meanwhile', async () => {
    const store = createMemoryStore({ now: () => START })
    const auth = await startAuth({ store })
    const ada = await newCustomer(auth)
    const { transact } = store
    store.transact = async (ops, options) => {
      store.transact = transact
      const passwords = { current_password: PASSWORD, new_password: 'a herring in the wind' }
      await call(ada.sendAsked, changePassword, { body: passwords })
      await transact(ops, options)
    }
    expect(await codeOf(newKey(ada))).toBe('wrong-credentials')
    expect(await keysOf(ada)).toEqual([])
  })

  it('tells the security log and the owner', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const { key_id: keyId } = await newKey(ada, { scopes: ['trade', 'read'] })
    const told = (await securityEventsIn(auth)).find(({ kind }) => kind === 'key-created')
    expect(told).toMatchObject({
      outcome: 'done',
      userId: ada.userId,
      address: ADDRESS,
      detail: `${keyId}: trade, read`,
    })
    await expect
      .poll(() => auth.letters.map(({ subject, to }) => [subject, to]))
      .toContainEqual(['Your account has a new API key - CNOP', 'ada_lovelace@example.org'])
  })

  it.each<[string, Terms]>([
    ['name', { name: '' }],
    ['name', { name: 'a'.repeat(51) }],
    ['name', { name: 'a\u0000b' }],
    ['scopes', { scopes: [] }],
    ['scopes', { scopes: ['read', 'read'] }],
    ['scopes.0', { scopes: ['withdraw' as 'read'] }],
    ['scopes.0', { scopes: ['session' as 'read'] }],
    ['addresses.0', { addresses: ['localhost'] }],
    ['addresses.1', { addresses: ['203.0.113.7', '203.0.113'] }],
    ['addresses.0', { addresses: ['203.0.113.7/33'] }],
    ['addresses.0', { addresses: ['2001:db8::/129'] }],
    ['addresses.0', { addresses: ['fe80::1%eth0'] }],
    ['addresses.0', { addresses: [''] }],
    ['addresses', { addresses: Array(21).fill('203.0.113.7') }],
    ['expires_at', { expires_at: 'tomorrow' }],
    ['expires_at', { expires_at: '2026-03-01T12:00:00Z' }],
    ['expires_at', { expires_at: '2026-03-01T12:00:00.999Z' }],
    ['expires_at', { expires_at: '2036-03-01T12:00:01Z' }],
    ['expires_at', { expires_at: '2026-12-31T23:59:60Z' }],
  ])('refuses %s of %j with 422 that names it, and makes nothing', async (field, terms) => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    expect(await fieldsOf(newKey(ada, terms))).toEqual([field])
    expect(await keysOf(ada)).toEqual([])
  })

  it('names every field at fault in one answer', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const terms = { addresses: ['x', '::1', 'y'], expires_at: '2020-01-01T00:00:00Z' }
    expect(await fieldsOf(newKey(ada, terms))).toEqual(['addresses.0', 'addresses.2', 'expires_at'])
  })

  it('spells addresses in one way and keeps each once', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const addresses = ['2001:DB8:0:0:0::1', '2001:db8::1/128', '::ffff:203.0.113.7', '10.0.0.0/8']
    const key = await newKey(ada, { addresses })
    expect(key.addresses).toEqual(['2001:db8::1', '203.0.113.7', '10.0.0.0/8'])
  })

  it('takes ten years, and a time of another zone as the UTC one', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const tenYears = await newKey(ada, { expires_at: '2036-03-01T12:00:00Z' })
    expect(tenYears.expires_at).toBe('2036-03-01T12:00:00.000Z')
    const elsewhere = await newKey(ada, { expires_at: '2026-03-02T12:00:00+02:00' })
    expect(elsewhere.expires_at).toBe('2026-03-02T10:00:00.000Z')
  })

  it('makes at most 50, however many are asked for at once, and another once one is revoked', async () => {
    for (const store of [
      createMemoryStore({ now: () => START }),
      dawdling(createMemoryStore({ now: () => START })),
    ]) {
      const auth = await startAuth({ store })
      const ada = await newCustomer(auth)
      for (let made = 0; made < 45; made += 1) await newKey(ada)
      const codes = await codesOf(Array.from({ length: 12 }, () => newKey(ada)))
      expect(codes.filter((code) => code === 'done')).toHaveLength(5)
      expect(codes.filter((code) => code === 'too-many-keys')).toHaveLength(7)
      const keys = await keysOf(ada)
      expect(keys).toHaveLength(50)
      await revoke(ada, String(keys[0]?.key_id))
      expect(await codesOf([newKey(ada)])).toEqual(['done'])
      expect(await codeOf(newKey(ada))).toBe('too-many-keys')
    }
  })

  it('makes one key when the store applied it without saying so', async () => {
    const store = createMemoryStore({ now: () => START })
    const auth = await startAuth({ store })
    const ada = await newCustomer(auth)
    const { transact } = store
    let lost = 3
    store.transact = async (ops, options) => {
      await transact(ops, options)
      lost -= 1
      if (lost >= 0) throw new StoreFault('outcome-unknown', 'No answer came')
    }
    const { api_key: text } = await newKey(ada)
    expect(await keysOf(ada)).toHaveLength(1)
    expect((await use(auth, text)).user_id).toBe(ada.userId)
  })
})

describe('an API key in use', () => {
  it.each<[Terms['scopes']]>([[['read']], [['trade']], [['read', 'trade']]])(
    'with the scopes %j says whose it is and these scopes',
    async (scopes) => {
      const auth = await startAuth()
      const ada = await newCustomer(auth)
      const key = await newKey(ada, { scopes: scopes ?? [] })
      expect(await use(auth, key.api_key)).toEqual({
        user_id: ada.userId,
        username: 'ada_lovelace',
        session_id: key.key_id,
        scopes,
      })
    },
  )

  it('is good until the second it expires, and not from then on', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const key = await newKey(ada, { expires_at: '2026-03-01T12:00:10.900Z' })
    expect(key.expires_at).toBe('2026-03-01T12:00:10.000Z')
    auth.clock.nowMs = START + 9_999
    expect((await use(auth, key.api_key)).expires_at).toBe('2026-03-01T12:00:10.000Z')
    auth.clock.nowMs = START + 10_000
    expect(await codeOf(use(auth, key.api_key))).toBe('bad-token')
    expect(await keysOf(ada)).toHaveLength(1)
  })

  it('is refused alike whether unknown, revoked, expired, forged or malformed', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const good = await newKey(ada)
    const revoked = await newKey(ada)
    const expired = await newKey(ada, { expires_at: '2026-03-01T12:00:01Z' })
    const other = await newKey(ada)
    await revoke(ada, revoked.key_id)
    auth.clock.nowMs += 1_000
    const secret = good.api_key.slice(-43)
    const tokens = [
      revoked.api_key,
      expired.api_key,
      `cnop_${good.key_id}_${other.api_key.slice(-43)}`,
      `cnop_${other.key_id}_${secret}`,
      `cnop_nobody_${secret}`,
      `${good.api_key}A`,
      good.api_key.slice(0, -1),
      good.api_key.toUpperCase(),
      `cnop_${good.key_id}`,
      'cnop_nobody_',
      'cnop_',
      'nobody',
    ]
    const problems = await Promise.all(tokens.map((token) => problemOf(use(auth, token))))
    for (const { status, code, detail } of problems) {
      expect([status, code, detail]).toEqual([401, 'bad-token', undefined])
    }
    expect((await use(auth, good.api_key)).session_id).toBe(good.key_id)
  })

  it.each<[allowed: string, address: string, good: boolean]>([
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['203.0.113.7', '::ffff:203.0.113.7', true],
    ['203.0.113.7', '::ffff:cb00:7107', true],
    ['203.0.113.7', '::ffff:203.0.113.8', false],
    ['::ffff:203.0.113.7', '203.0.113.7', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['0.0.0.0/0', '198.51.100.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::1', '2001:0DB8:0:0::1', true],
    ['::1', '::1', true],
    ['::1', '127.0.0.1', false],
    ['10.0.0.0/8', '', false],
    ['10.0.0.0/8', 'unknown', false],
    ['fe80::/10', 'fe80::1%eth0', true],
  ])('for %s is used from %j: %s', async (allowed, address, good) => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const { api_key: text } = await newKey(ada, { addresses: [allowed] })
    const [code] = await codesOf([use(auth, text, address)])
    expect(code).toBe(good ? 'done' : 'address-not-allowed')
  })

  it('for some addresses is used from none that is not known', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const { api_key: token } = await newKey(ada, { addresses: ['0.0.0.0/0', '::/0'] })
    const somewhere = call(auth.gateway, validateToken, { body: { token } })
    const problem = await problemOf(somewhere)
    expect([problem.status, problem.code]).toEqual([403, 'address-not-allowed'])
  })

  it('elsewhere is told to the security log once a minute', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const key = await newKey(ada, { addresses: ['198.51.100.0/24'] })
    for (let minute = 0; minute < 2; minute += 1) {
      for (let attempt = 0; attempt < 5; attempt += 1) {
        expect(await codeOf(use(auth, key.api_key))).toBe('address-not-allowed')
      }
      auth.clock.nowMs += MINUTE_MS
    }
    await auth.close()
    const told = (await securityEventsIn(auth)).filter(({ kind }) => kind === 'key-refused')
    expect(told).toHaveLength(2)
    expect(told[0]).toMatchObject({
      outcome: 'refused',
      userId: ada.userId,
      address: ADDRESS,
      detail: key.key_id,
    })
  })

  it('elsewhere is told of only to who holds the key itself', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const key = await newKey(ada, { addresses: ['198.51.100.0/24'] })
    const forged = `cnop_${key.key_id}_${'A'.repeat(43)}`
    expect(await codeOf(use(auth, forged))).toBe('bad-token')
    await auth.close()
    expect((await securityEventsIn(auth)).map(({ kind }) => kind)).not.toContain('key-refused')
  })

  it('keeps its last use to the minute, at one write a minute', async () => {
    const store = createMemoryStore({ now: () => START })
    const auth = await startAuth({ store })
    const ada = await newCustomer(auth)
    const { api_key: text } = await newKey(ada)
    expect((await keysOf(ada))[0]).not.toHaveProperty('last_used_at')
    const writes = countingWrites(store, 'A#')
    await Promise.all(Array.from({ length: 20 }, () => use(auth, text)))
    const lastUsed = async () => (await keysOf(ada))[0]?.last_used_at
    await expect.poll(lastUsed).toBe('2026-03-01T12:00:00.000Z')
    auth.clock.nowMs = START + MINUTE_MS - 1
    await use(auth, text, '198.51.100.1')
    expect(writes.count).toBe(1)
    auth.clock.nowMs = START + MINUTE_MS
    await use(auth, text, '198.51.100.1')
    await expect.poll(lastUsed).toBe('2026-03-01T12:01:00.000Z')
    expect((await keysOf(ada))[0]?.last_used_address).toBe('198.51.100.1')
    expect(writes.count).toBe(2)
  })

  it('of several replicas is written once', async () => {
    const store = createMemoryStore({ now: () => START })
    const slow = dawdling(store)
    const auths = await Promise.all(Array.from({ length: 4 }, () => startAuth({ store: slow })))
    const [auth] = auths as [TestAuth]
    const ada = await newCustomer(auth)
    const { api_key: text } = await newKey(ada)
    const writes = countingWrites(store, 'A#')
    await Promise.all(auths.map((replica) => use(replica, text)))
    for (const replica of auths) await replica.close()
    expect(writes.count).toBe(1)
  })

  it('is served while its last use cannot be written, which is tried once a minute', async () => {
    const store = createMemoryStore({ now: () => START })
    const logged: string[] = []
    const auth = await startAuth({ store, logged })
    const ada = await newCustomer(auth)
    const { api_key: text } = await newKey(ada)
    store.transact = async () => {
      throw new StoreFault('unavailable', 'The disk is full')
    }
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect((await use(auth, text)).user_id).toBe(ada.userId)
    }
    const failures = () =>
      logged.filter((line) => line.includes('last use of a key could not be written'))
    await expect.poll(failures).toHaveLength(1)
    auth.clock.nowMs += MINUTE_MS
    await use(auth, text)
    await expect.poll(failures).toHaveLength(2)
    expect(logged.join('')).not.toContain(text.slice(-43))
  })
})

describe('revokeApiKey', () => {
  it('ends the key at once and tells the security log', async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const kept = await newKey(ada)
    const gone = await newKey(ada)
    await use(auth, gone.api_key)
    await revoke(ada, gone.key_id)
    expect(await codeOf(use(auth, gone.api_key))).toBe('bad-token')
    expect((await use(auth, kept.api_key)).session_id).toBe(kept.key_id)
    expect((await keysOf(ada)).map(({ key_id: keyId }) => keyId)).toEqual([kept.key_id])
    const told = (await securityEventsIn(auth)).find(({ kind }) => kind === 'key-revoked')
    expect(told).toMatchObject({ userId: ada.userId, address: ADDRESS, detail: gone.key_id })
    expect(await codeOf(revoke(ada, gone.key_id))).toBe('key-not-found')
  })

  it("answers for another's key as for one that is not there, and leaves it good", async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const babbage = await newCustomer(auth, 'babbage')
    const { key_id: keyId, api_key: text } = await newKey(ada)
    const [theirs, nobodys] = [
      await problemOf(revoke(babbage, keyId)),
      await problemOf(revoke(babbage, 'nobodys')),
    ]
    expect([theirs.status, theirs.code, theirs.detail]).toEqual([404, 'key-not-found', undefined])
    expect([nobodys.status, nobodys.code, nobodys.detail]).toEqual([
      404,
      'key-not-found',
      undefined,
    ])
    expect((await use(auth, text)).user_id).toBe(ada.userId)
    expect(await keysOf(babbage)).toEqual([])
  })

  it('of several at once is done by one, and no use brings the key back', async () => {
    const store = createMemoryStore({ now: () => START })
    const auth = await startAuth({ store: dawdling(store) })
    const ada = await newCustomer(auth)
    const { key_id: keyId, api_key: text } = await newKey(ada)
    const [codes] = await Promise.all([
      codesOf(Array.from({ length: 5 }, () => revoke(ada, keyId))),
      codesOf(Array.from({ length: 5 }, () => use(auth, text))),
    ])
    expect(codes.filter((code) => code === 'done')).toHaveLength(1)
    expect(codes.filter((code) => code === 'key-not-found')).toHaveLength(4)
    await auth.close()
    const rows = await everyRow(store)
    expect(rows).not.toContain(`"A#${keyId}"`)
  })
})

describe('listApiKeys', () => {
  it("shows one's own, the newest first, and nothing of their secrets", async () => {
    const auth = await startAuth()
    const ada = await newCustomer(auth)
    const babbage = await newCustomer(auth, 'babbage')
    const made: string[] = []
    for (let key = 0; key < 3; key += 1) made.unshift((await newKey(ada)).key_id)
    await newKey(babbage)
    const keys = await keysOf(ada)
    expect(keys.map(({ key_id: keyId }) => keyId)).toEqual(made)
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual([
        'addresses',
        'created_at',
        'key_id',
        'name',
        'scopes',
      ])
    }
  })
})

it('no key is in the store, the log of the service or its events', async () => {
  const logged: string[] = []
  const store = createMemoryStore({ now: () => START })
  const auth = await startAuth({ store, logged })
  const ada = await newCustomer(auth)
  const { api_key: text, key_id: keyId } = await newKey(ada, { addresses: ['198.51.100.1'] })
  const forged = `cnop_${keyId}_${'planted'.repeat(6)}x`
  await codesOf([use(auth, text), use(auth, text, '198.51.100.1'), use(auth, forged)])
  await revoke(ada, keyId)
  await codesOf([use(auth, text)])
  await auth.close()
  const rows = await everyRow(store)
  expect(rows).toContain('key-refused')
  expect(logged.join('')).toContain(keyId)
  for (const secret of [text, text.slice(-43), 'plantedplanted']) {
    expect(rows).not.toContain(secret)
    expect(logged.join('')).not.toContain(secret)
  }
})

/** Counts commits that change a row whose sort key begins like this. */
function countingWrites(store: Store, prefix: string): { readonly count: number } {
  const { transact } = store
  const writes = { count: 0 }
  store.transact = async (ops, options) => {
    await transact(ops, options)
    if (ops.some(({ key }) => key.sk.startsWith(prefix))) writes.count += 1
  }
  return writes
}

async function everyRow(store: Store): Promise<string> {
  let rows = ''
  for (const partition of await store.partitions('', 1000)) {
    const page = await store.query(partition, { limit: 1000 })
    rows += JSON.stringify([partition, page.rows], (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    )
  }
  return rows
}
