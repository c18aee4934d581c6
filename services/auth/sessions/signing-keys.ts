/**
 * The keys that sign access tokens, kept in the store: tokens outlive a restart and every replica
 * signs alike. A new key is published before it signs, and an old one until its last token has
 * expired, so that nobody notices when keys change.
 */
import type { Op } from '@cnop/kit/store/store.ts'
import { type CryptoKey, calculateJwkThumbprint, importJWK } from 'jose'
import { signingNow, type Term } from './decide-signing-keys.ts'
import { type RingParts, replacedRing, settledRing } from './signing-key-ring.ts'
import type { Ring, StoredKey } from './signing-key-rows.ts'

/** As it is published (RFC 7517, RFC 8037). */
export type PublicKey = {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly alg: 'EdDSA'
  readonly use: 'sig'
}

export type SigningKey = Term & {
  readonly privateKey: CryptoKey
  readonly verifyKey: CryptoKey
  readonly publicKey: PublicKey
}

export type SigningKeys = {
  /** The key that signs now. */
  current(): SigningKey
  /** Every key whose tokens are good, or will be. */
  published(): readonly PublicKey[]
  /** The key of that name; one that this replica has not heard of is looked for in the store. */
  find(kid: string): Promise<SigningKey | undefined>
  /** Does what time asks for, and takes over what other replicas did. */
  tend(): Promise<void>
  /** Signs with a new key at once and drops all others; `told` goes into the same commit. */
  rotate(told: Op, deadline: number): Promise<PublicKey>
}

/** Whoever makes up names of keys makes this replica read the store no more often. */
const SEARCH_PAUSE_MS = 2_000

export async function loadSigningKeys(parts: RingParts): Promise<SigningKeys> {
  const { clock } = parts
  let keys: readonly SigningKey[] = []
  let readings = 0
  let inUse = 0
  let searchedAt = Number.NEGATIVE_INFINITY
  let searching: Promise<void> | undefined

  /** What was begun to be read earlier never replaces what was read later. */
  async function use(ring: Ring, reading: number): Promise<void> {
    const imported = await Promise.all(
      ring.map(async (key) => keys.find(isOf(key)) ?? (await importKey(key))),
    )
    if (reading < inUse) return
    inUse = reading
    keys = imported
  }

  async function tend(): Promise<void> {
    readings += 1
    const reading = readings
    await use(await settledRing(parts), reading)
  }

  function search(): Promise<void> {
    const nowMs = clock.now()
    if (searching !== undefined && nowMs < searchedAt + SEARCH_PAUSE_MS) return searching
    searchedAt = nowMs
    searching = tend()
    return searching
  }

  function current(): SigningKey {
    const key = signingNow(keys, clock.now())
    if (key === undefined) throw new Error('The ring of signing keys is empty')
    return key
  }

  const known = (kid: string) => keys.find(({ publicKey }) => publicKey.kid === kid)

  await tend()
  return {
    current,
    published: () => keys.map(({ publicKey }) => publicKey),
    async find(kid) {
      const key = known(kid)
      if (key !== undefined) return key
      await search()
      return known(kid)
    },
    tend,
    async rotate(told, deadline) {
      const ring = await replacedRing({ told, deadline }, parts)
      readings += 1
      await use(ring, readings)
      return current().publicKey
    },
  }
}

const isOf =
  ({ jwk }: StoredKey) =>
  ({ publicKey }: SigningKey): boolean =>
    publicKey.x === jwk.x

async function importKey({ jwk, signsFromMs }: StoredKey): Promise<SigningKey> {
  const { kty, crv, x } = jwk
  return {
    signsFromMs,
    privateKey: (await importJWK(jwk, 'EdDSA')) as CryptoKey,
    verifyKey: (await importJWK({ kty, crv, x }, 'EdDSA')) as CryptoKey,
    publicKey: { kty, crv, x, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' },
  }
}
