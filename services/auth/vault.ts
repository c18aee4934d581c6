/**
 * Seals what the store keeps so that the store alone is worth nothing: who copies its files, but
 * not the secret of the platform, opens none of it.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

export type Vault = {
  /** Sealed for one place: moved to another, as into the row of another user, it does not open. */
  seal(place: string, secret: string): string
  /** Throws `BrokenSeal`. */
  open(place: string, sealed: string): string
}

/** Sealed for another place, under another secret, or changed since. */
export class BrokenSeal extends Error {}

/** NIST SP 800-38D: 96 bits of chance serve up to 2^32 seals under one key, far more than users. */
const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32

/** A key that is derived from the platform's secret (RFC 5869) and used for `label` alone. */
export const keyFor = (callerSecret: string, label: string): Buffer =>
  Buffer.from(hkdfSync('sha256', callerSecret, '', label, KEY_BYTES))

export function createVault(callerSecret: string, label: string): Vault {
  const key = keyFor(callerSecret, label)
  return {
    seal(place, secret) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(place))
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
    },
    open(place, sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      const nonce = bytes.subarray(0, NONCE_BYTES)
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
      try {
        const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
        decipher.setAAD(Buffer.from(place)).setAuthTag(tag)
        const secret = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
        return Buffer.concat([secret, decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new BrokenSeal('A secret was sealed under another CALLER_SECRET, or changed', {
          cause,
        })
      }
    },
  }
}
