/**
 * The key pair that signs access tokens: made on the first start, then kept in the store, so that
 * tokens outlive a restart and every replica signs alike.
 */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import { textIn } from '@cnop/kit/store/row-fields.ts'
import type { Key, Row, Store } from '@cnop/kit/store/store.ts'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'

/** As it is published (RFC 7517, RFC 8037). */
export type PublicKey = {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly alg: 'EdDSA'
  readonly use: 'sig'
}

export type SigningKey = { readonly privateKey: CryptoKey; readonly publicKey: PublicKey }

/** `d` is the private part. */
type PrivateJwk = { readonly kty: 'OKP'; readonly crv: 'Ed25519'; x: string; d: string }

const CURRENT_KEY: Key = { pk: 'K#SIGNING', sk: '@CURRENT' }
const START_MS_MAX = 10_000

/** Of several replicas that start for the first time at once, one makes the key for all. */
export async function loadSigningKey(store: Store, clock: CommitClock): Promise<SigningKey> {
  const made = storeKey(await makeKey(), new Date(clock.now()).toISOString())
  const row = await commitDecision<Row>({
    store,
    keys: [CURRENT_KEY],
    decide: ([kept]) =>
      kept === undefined
        ? {
            ops: [{ kind: 'put', key: CURRENT_KEY, row: made, when: { absent: true } }],
            outcome: made,
          }
        : { ops: [], outcome: kept },
    deadline: clock.now() + START_MS_MAX,
    clock,
  })
  return importKey(JSON.parse(textIn(row, 'jwk')) as PrivateJwk)
}

async function makeKey(): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  return (await exportJWK(privateKey)) as PrivateJwk
}

const storeKey = ({ kty, crv, x, d }: PrivateJwk, createdAt: string): Row => ({
  jwk: JSON.stringify({ kty, crv, x, d }),
  createdAt,
})

async function importKey(jwk: PrivateJwk): Promise<SigningKey> {
  const { kty, crv, x } = jwk
  return {
    privateKey: (await importJWK(jwk, 'EdDSA')) as CryptoKey,
    publicKey: { kty, crv, x, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' },
  }
}
