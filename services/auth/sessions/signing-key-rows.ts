/** Key and stored shape of the ring of signing keys: one row, sealed, so that it changes as one. */
import { textIn } from '@cnop/kit/store/row-fields.ts'
import type { Condition, Key, Row } from '@cnop/kit/store/store.ts'
import { BrokenSeal, createVault, type Vault } from '../vault.ts'
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

/** The oldest first. */
export type Ring = readonly StoredKey[]

export const signingKeyVault = (callerSecret: string): Vault =>
  createVault(callerSecret, 'cnop signing keys')

export const isSealed = (row: Row | undefined): boolean => row?.['sealed'] !== undefined

/** No row is an empty ring; `undefined` for a ring that does not open. */
export function loadRing(row: Row | undefined, vault: Vault): Ring | undefined {
  if (row === undefined) return []
  if (!isSealed(row)) return clearRing(row)
  try {
    return JSON.parse(vault.open(KEY_RING.pk, textIn(row, 'sealed'))) as Ring
  } catch (error) {
    if (error instanceof BrokenSeal) return undefined
    throw error
  }
}

/** As it was kept before rings were sealed; one key alone, in `jwk`, is a ring of that. */
function clearRing(row: Row): Ring {
  if (row['jwk'] === undefined) return JSON.parse(textIn(row, 'keys')) as Ring
  const jwk = JSON.parse(textIn(row, 'jwk')) as PrivateJwk
  return [{ jwk, signsFromMs: Date.parse(textIn(row, 'createdAt')) }]
}

export const storeRing = (ring: Ring, vault: Vault): Row => ({
  sealed: vault.seal(KEY_RING.pk, JSON.stringify(ring)),
})

/** That the ring stands as it was read. */
export const ringIs = (row: Row | undefined): Condition =>
  row === undefined ? { absent: true } : { equals: row }
