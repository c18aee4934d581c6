/**
 * Access tokens as a forger makes them. The worst forger has stolen the signing key: what is signed
 * with it must still be refused when it says another type, audience, issuer or time.
 */
import { join } from 'node:path'
import { openSqliteReader } from '@cnop/kit/store/sqlite-reader.ts'
import {
  KEY_RING,
  loadRing,
  signingKeyVault,
} from '@cnop/services/auth/sessions/signing-key-rows.ts'
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK, SignJWT } from 'jose'
import type { RunningPlatform } from '../topologies.ts'

export type StolenKey = {
  readonly privateKey: CryptoKey
  readonly kid: string
  readonly jwk: JWK
}

/** By its files and its secret, the key of a platform that has signed a token. */
export async function stealSigningKey(
  { dataDir, callerSecret }: Pick<RunningPlatform, 'dataDir' | 'callerSecret'>,
  token: string,
): Promise<StolenKey> {
  const reader = openSqliteReader({ file: join(dataDir, 'auth.db') })
  try {
    const [row] = await reader.snapshot([KEY_RING])
    const { kid } = partsOf(token).header
    const vault = signingKeyVault(callerSecret)
    for (const { jwk } of loadRing(row, vault) ?? []) {
      if ((await calculateJwkThumbprint(jwk)) !== kid) continue
      return { privateKey: (await importJWK(jwk, 'EdDSA')) as CryptoKey, kid, jwk }
    }
    throw new Error('No key of the data folder has signed this token.')
  } finally {
    await reader.close()
  }
}

export type Parts = { header: Record<string, unknown>; payload: Record<string, unknown> }

export const partsOf = (token: string): Parts => {
  const [header, payload] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
  return { header, payload }
}

export const encoded = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url')

/** Changes a good token, and signs it as the platform would. */
export function resign(
  token: string,
  change: { header?: object; payload?: object },
  privateKey: CryptoKey,
): Promise<string> {
  const { header, payload } = partsOf(token)
  return new SignJWT({ ...payload, ...change.payload })
    .setProtectedHeader({ alg: 'EdDSA', ...header, ...change.header })
    .sign(privateKey)
}
