/**
 * Keys and stored shapes of API keys: a row in its owner's partition, one that finds the owner by
 * the key's id, and one that counts, so that two made at once do not both become the last.
 */
import { KEY_SCOPES, type KeyScope } from '@cnop/contract/route.ts'
import {
  CorruptRow,
  optionalUnitsIn,
  textIn,
  unitsIn,
  withoutAbsent,
} from '@cnop/kit/store/row-fields.ts'
import type { Condition, Key, Row } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../users/user-rows.ts'

export type ApiKey = {
  readonly name: string
  readonly scopes: readonly KeyScope[]
  /** Addresses and networks it may be used from; none means any. */
  readonly addresses: readonly string[]
  /** RFC 3339. */
  readonly createdAt: string
  /** Epoch seconds; from then on it is worth nothing. */
  readonly expires: number | undefined
  /** Of the whole text. */
  readonly hash: string
  /** Of its owner's tally when it was made: another series there has revoked it. */
  readonly series: bigint
  readonly lastUse: KeyUse | undefined
}

export type KeyUse = { readonly atMs: number; readonly address: string }

export type KeptApiKey = ApiKey & { readonly keyId: string }

const KEY_PREFIX = 'A#'

/** The API keys of a partition, the oldest first. */
export const API_KEY_RANGE = { from: KEY_PREFIX, to: 'A$' } as const

export const apiKeyKey = (userId: string, keyId: string): Key => ({
  pk: partitionOf(userId),
  sk: `${KEY_PREFIX}${keyId}`,
})

export const apiKeyIdIn = (sk: string): string => sk.slice(KEY_PREFIX.length)

/** Says whose key it is, as the row of a name says whose name it is. */
export const apiKeyHolderKey = (keyId: string): Key => ({
  pk: `${KEY_PREFIX}${keyId}`,
  sk: '@USER',
})

export const loadApiKey = (row: Row): ApiKey => ({
  name: textIn(row, 'name'),
  scopes: wordsIn(row, 'scopes').map(scopeOf),
  addresses: wordsIn(row, 'addresses'),
  createdAt: textIn(row, 'createdAt'),
  expires: row['expires'] === undefined ? undefined : Number(unitsIn(row, 'expires')),
  hash: textIn(row, 'hash'),
  series: optionalUnitsIn(row, 'series') ?? 0n,
  lastUse: loadUse(row),
})

export const storeApiKey = ({ scopes, addresses, expires, lastUse, ...texts }: ApiKey): Row =>
  withoutAbsent({
    ...texts,
    scopes: scopes.join(' '),
    addresses: addresses.join(' '),
    expires: expires === undefined ? undefined : BigInt(expires),
    ...storeUse(lastUse),
  })

/** Every key has the columns of its last use, so that a condition can name them. */
export const storeUse = (use: KeyUse | undefined) => ({
  usedAtMs: BigInt(use?.atMs ?? 0),
  usedAddress: use?.address ?? '',
})

function loadUse(row: Row): KeyUse | undefined {
  const atMs = Number(unitsIn(row, 'usedAtMs'))
  return atMs === 0 ? undefined : { atMs, address: textIn(row, 'usedAddress') }
}

const wordsIn = (row: Row, column: string): readonly string[] =>
  textIn(row, column)
    .split(' ')
    .filter((word) => word !== '')

function scopeOf(word: string): KeyScope {
  const scope = KEY_SCOPES.find((known) => known === word)
  if (scope === undefined) throw new CorruptRow('scopes', `made of ${KEY_SCOPES.join(', ')}`)
  return scope
}

const TALLY = '@API-KEYS'

export const apiKeyTallyKey = (userId: string): Key => ({ pk: partitionOf(userId), sk: TALLY })

export const isApiKeyTally = ({ sk }: Key): boolean => sk === TALLY

/** How many good keys there are, and how often all of them were revoked in one step. */
export type KeyTally = { readonly count: bigint; readonly series: bigint }

export const loadKeyTally = (row: Row | undefined): KeyTally =>
  row === undefined
    ? { count: 0n, series: 0n }
    : { count: unitsIn(row, 'count'), series: optionalUnitsIn(row, 'series') ?? 0n }

export const storeKeyTally = (tally: KeyTally): Row => ({ ...tally })

/** That the tally stands as it was read. */
export const keyTallyIs = (row: Row | undefined): Condition =>
  row === undefined ? { absent: true } : { equals: row }
