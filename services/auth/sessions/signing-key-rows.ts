/** Key and stored shape of the ring of signing keys: one row, so that it changes as one. */
import { textIn } from '@cnop/kit/store/row-fields.ts'
import type { Condition, Key, Row } from '@cnop/kit/store/store.ts'
import type { Term } from './decide-signing-keys.ts'

/** `d` is the private part. */
export type PrivateJwk = {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly d: string
}

export type StoredKey = Term & { readonly jwk: PrivateJwk }

export const KEY_RING: Key = { pk: 'K#SIGNING', sk: '@CURRENT' }

/** The oldest first. A row of one key alone, in `jwk`, is a ring of that. */
export function loadRing(row: Row | undefined): readonly StoredKey[] {
  if (row === undefined) return []
  if (row['jwk'] === undefined) return JSON.parse(textIn(row, 'keys')) as StoredKey[]
  const jwk = JSON.parse(textIn(row, 'jwk')) as PrivateJwk
  return [{ jwk, signsFromMs: Date.parse(textIn(row, 'createdAt')) }]
}

export const storeRing = (ring: readonly StoredKey[]): Row => ({ keys: JSON.stringify(ring) })

/** That the ring stands as it was read. */
export const ringIs = (row: Row | undefined): Condition =>
  row === undefined ? { absent: true } : { equals: row }
