import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import { Problem } from '@cnop/contract/problem.ts'
import { createLog } from '@cnop/kit/log.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { describe, expect, it } from 'vitest'
import { loadSecurityEvent, securityDayPartition } from '../security-log/security-event-rows.ts'
import { createAccessTokens } from './access-tokens.ts'
import { loadRing, signingKeyVault } from './signing-key-rows.ts'
import { loadSigningKeys, type SigningKeys } from './signing-keys.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const START = Date.parse('2026-03-01T12:00:00.000Z')
const DAYS = 30
const SECRET = 'a secret of the tests, of 32 characters or more'
const KEY = { pk: 'K#SIGNING', sk: '@CURRENT' }

/** A platform of replicas over one store, with a clock that stands until it is moved. */
function platform(store: Store = createMemoryStore({ now: Date.now }), secret = SECRET) {
  const time = { nowMs: START }
  const clock = { ...systemCommitClock, now: () => time.nowMs }
  const said: string[] = []
  const destination = new Writable({
    write(chunk, _, done) {
      said.push(String(chunk))
      done()
    },
  })
  const log = createLog({ level: 'warn', service: 'auth', destination })
  const vault = signingKeyVault(secret)
  const parts = { store, clock, days: DAYS, vault, newId: randomUUID, log }
  return { time, store, said, replica: () => loadSigningKeys(parts) }
}

const dawdling = (store: Store): Store =>
  createDawdlingStore({
    store,
    chance: systemCommitClock.random,
    pause: systemCommitClock.pause,
    pauseMsMax: 5,
  })

const names = (keys: SigningKeys) => keys.published().map(({ kid }) => kid)
const signing = (keys: SigningKeys) => keys.current().publicKey.kid

const TOLD: Op = { kind: 'put', key: { pk: 'E#', sk: '1' }, row: { kind: 'told' } }

describe('the signing keys', () => {
  it('are one key at first, also when several replicas start at once', async () => {
    const kept = createMemoryStore({ now: Date.now })
    const { replica } = platform(dawdling(kept))
    const replicas = await Promise.all(Array.from({ length: 8 }, replica))
    expect(new Set(replicas.map(signing)).size).toBe(1)
    const [first] = replicas
    expect(first && names(first)).toEqual([first && signing(first)])
    expect(signing(await platform(kept).replica())).toBe(first && signing(first))
  })

  it('publish nothing of their private part, and keep it from being read out again', async () => {
    const { publicKey, privateKey } = (await platform().replica()).current()
    expect(Object.keys(publicKey).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    expect(privateKey.extractable).toBe(false)
  })

  it('are new ones for every platform', async () => {
    const [one, other] = await Promise.all([platform().replica(), platform().replica()])
    expect(one && signing(one)).not.toBe(other && signing(other))
  })

  // The key pair of RFC 8037, appendix A.
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  }
  const KID = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'

  it.each([
    [
      'one key',
      { jwk: JSON.stringify(jwk), createdAt: new Date(START - 3 * DAY_MS).toISOString() },
    ],
    ['a ring', { keys: JSON.stringify([{ jwk, signsFromMs: START - 3 * DAY_MS }]) }],
  ])('go on with %s that was stored in the clear, and seal it at once', async (_, row) => {
    const { store, time, replica } = platform(dawdling(createMemoryStore({ now: Date.now })))
    await store.transact([{ kind: 'put', key: KEY, row }], { token: 'before' })
    const [keys, other] = await Promise.all([replica(), replica()])
    expect([signing(keys), signing(other)]).toEqual([KID, KID])
    const [sealed] = await store.snapshot([KEY])
    expect(JSON.stringify(sealed)).not.toContain(jwk.d)
    expect(signing(await replica())).toBe(KID)
    time.nowMs += (DAYS - 3) * DAY_MS
    await keys.tend()
    expect(names(keys)).toHaveLength(2)
    expect(names(keys)[0]).toBe(KID)
  })

  it('are worth nothing without the secret of the platform', async () => {
    const { store, replica } = platform()
    await replica()
    const [row] = await store.snapshot([KEY])
    expect(JSON.stringify(row)).not.toMatch(/OKP|Ed25519|"d"/)
    expect(loadRing(row, signingKeyVault(SECRET))?.[0]?.jwk.d).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(loadRing(row, signingKeyVault(`${SECRET}!`))).toBeUndefined()
  })

  it('that do not open are replaced by one new key, which log and security log tell', async () => {
    const store = createMemoryStore({ now: Date.now })
    const before = signing(await platform(store).replica())
    const { said, replica } = platform(dawdling(store), 'another secret, of 32 characters or more')
    const replicas = await Promise.all([replica(), replica(), replica()])
    expect(new Set(replicas.map(signing)).size).toBe(1)
    expect(replicas.map(names)).not.toContainEqual(expect.arrayContaining([before]))
    expect(said.join('')).toContain('another CALLER_SECRET')
    const events = await store.query(securityDayPartition('2026-03-01'), { limit: 10 })
    expect(events.rows.map(({ sk, row }) => loadSecurityEvent(sk, row))).toMatchObject([
      { kind: 'signing-key-rotated', outcome: 'done' },
    ])
    expect(signing(await replica())).toBe(replicas[0] && signing(replicas[0]))
    expect(events.rows).toHaveLength(1)
  })

  it('publish the next key minutes before it signs, and the last until its tokens expired', async () => {
    const { time, replica } = platform()
    const keys = await replica()
    const first = signing(keys)
    time.nowMs = START + DAYS * DAY_MS - 10 * MINUTE_MS - 1
    await keys.tend()
    expect(names(keys)).toEqual([first])

    time.nowMs += 1
    await keys.tend()
    const [, second] = names(keys)
    expect(names(keys)).toEqual([first, second])
    expect(signing(keys)).toBe(first)

    time.nowMs = START + DAYS * DAY_MS - 1
    expect(signing(keys)).toBe(first)
    time.nowMs += 1
    expect(signing(keys)).toBe(second)

    time.nowMs += 61 * MINUTE_MS - 1
    await keys.tend()
    expect(names(keys)).toEqual([first, second])
    time.nowMs += 1
    await keys.tend()
    expect(names(keys)).toEqual([second])
  })

  it('that nobody looked after for months still change with an overlap', async () => {
    const { time, replica } = platform()
    const first = signing(await replica())
    time.nowMs += 200 * DAY_MS
    const keys = await replica()
    expect(names(keys)).toHaveLength(2)
    expect(signing(keys)).toBe(first)
    time.nowMs += 10 * MINUTE_MS
    expect(signing(keys)).toBe(names(keys)[1])
  })

  it('change to one next key for all replicas that look at once', async () => {
    const { time, replica } = platform(dawdling(createMemoryStore({ now: Date.now })))
    const replicas = await Promise.all(Array.from({ length: 6 }, replica))
    time.nowMs += DAYS * DAY_MS
    await Promise.all(replicas.map((keys) => keys.tend()))
    expect(new Set(replicas.map((keys) => names(keys).join())).size).toBe(1)
    expect(replicas[0] && names(replicas[0])).toHaveLength(2)
  })

  it('refuse no token while they change, whichever replica signs and verifies', async () => {
    const { time, replica } = platform()
    const replicas = [await replica(), await replica()]
    const tokens = replicas.map((keys) =>
      createAccessTokens({ keys, issuer: 'http://127.0.0.1', now: () => time.nowMs }),
    )
    const used = new Set<string>()
    const lifeSeconds = 3600
    for (let step = 0; step < 130 * 24; step += 1) {
      const [signer, verifier] = step % 2 === 0 ? [0, 1] : [1, 0]
      const issued = Math.floor(time.nowMs / 1000)
      const ids = { userId: 'ada', sessionId: 's', tokenId: `${step}` }
      const token = await tokens[signer]?.sign({ ...ids, issued, expires: issued + lifeSeconds })
      used.add(replicas[signer] ? signing(replicas[signer]) : '')
      await replicas[verifier]?.tend()
      time.nowMs += lifeSeconds * 1000 - 1000
      await replicas[signer]?.tend()
      expect((await tokens[verifier]?.verify(token ?? ''))?.userId).toBe('ada')
    }
    expect(used.size).toBeGreaterThanOrEqual(4)
  })

  it('of one replica are found by another when it meets their name', async () => {
    const { time, replica } = platform()
    const [one, other] = [await replica(), await replica()]
    await one.rotate(TOLD, time.nowMs + 5_000)
    expect(names(other)).not.toContain(signing(one))
    expect((await other.find(signing(one)))?.publicKey.kid).toBe(signing(one))
  })

  it('are read no more than once in two seconds for names that nobody has', async () => {
    const kept = createMemoryStore({ now: Date.now })
    let reads = 0
    const store: Store = {
      ...kept,
      snapshot: (wanted) => {
        reads += 1
        return kept.snapshot(wanted)
      },
    }
    const { time, replica } = platform(store)
    const keys = await replica()
    reads = 0
    const guess = () => Promise.all(Array.from({ length: 50 }, (_, i) => keys.find(`kid-${i}`)))
    expect(new Set(await guess())).toEqual(new Set([undefined]))
    expect(reads).toBe(1)
    time.nowMs += 1_999
    await guess()
    expect(reads).toBe(1)
    time.nowMs += 1
    await guess()
    expect(reads).toBe(2)
  })

  it('are one new key after an operator gave them up, and the event is told with it', async () => {
    const { store, time, replica } = platform()
    const [one, other] = [await replica(), await replica()]
    const first = signing(one)
    time.nowMs += DAYS * DAY_MS - MINUTE_MS
    await one.tend()
    const { kid } = await one.rotate(TOLD, time.nowMs + 5_000)
    expect(names(one)).toEqual([kid])
    expect(signing(one)).toBe(kid)
    expect(kid).not.toBe(first)
    expect((await store.snapshot([TOLD.key]))[0]).toEqual({ kind: 'told' })
    await other.tend()
    expect(names(other)).toEqual([kid])
    expect(await other.find(first)).toBeUndefined()
  })

  it('read from before an operator gave them up never come back', async () => {
    const kept = createMemoryStore({ now: Date.now })
    const gate = Promise.withResolvers<void>()
    let slow = false
    const store: Store = {
      ...kept,
      async snapshot(wanted) {
        const rows = await kept.snapshot(wanted)
        if (slow) {
          slow = false
          await gate.promise
        }
        return rows
      },
    }
    const { time, replica } = platform(store)
    const keys = await replica()
    slow = true
    const tending = keys.tend()
    const { kid } = await keys.rotate(TOLD, time.nowMs + 5_000)
    gate.resolve()
    await tending
    expect(names(keys)).toEqual([kid])
  })

  it('are told apart from a store that does not answer', async () => {
    const { time, replica, store } = platform()
    const keys = await replica()
    store.snapshot = () => Promise.reject(new Error('no store'))
    const tokens = createAccessTokens({ keys, issuer: 'x', now: () => time.nowMs })
    const stranger = createAccessTokens({
      keys: await platform().replica(),
      issuer: 'x',
      now: () => time.nowMs,
    })
    const issued = time.nowMs / 1000
    const claims = { userId: 'a', sessionId: 's', tokenId: 't', issued, expires: issued + 60 }
    await expect(tokens.verify(await stranger.sign(claims))).rejects.toThrow('no store')
    expect((await tokens.verify(await tokens.sign(claims))).userId).toBe('a')
    await expect(tokens.verify('a.b.c')).rejects.toThrow(new Problem('bad-token'))
  })
})
