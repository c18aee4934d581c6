/**
 * Keeps the secrets of second factors so that the store alone is worth nothing: who copies its
 * files, but not the secret of the platform, can neither make a code nor guess a recovery code.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

export type FactorVault = {
  /** Sealed for one user: moved into the row of another, it does not open. */
  seal(userId: string, secret: string): string
  /** Throws for what was sealed for somebody else, under another secret, or changed since. */
  open(userId: string, sealed: string): string
  /** The same code of the same user gives the same hash. */
  hashOf(userId: string, recoveryCode: string): string
}

/** NIST SP 800-38D: 96 bits of chance serve up to 2^32 seals under one key, far more than users. */
const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32

export function createFactorVault(callerSecret: string): FactorVault {
  const keyFor = (label: string): Buffer =>
    Buffer.from(hkdfSync('sha256', callerSecret, '', label, KEY_BYTES))
  const sealingKey = keyFor('cnop second factor secret')
  const hashingKey = keyFor('cnop recovery code')

  return {
    seal(userId, secret) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, sealingKey, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(userId))
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
    },
    open(userId, sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      const nonce = bytes.subarray(0, NONCE_BYTES)
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
      try {
        const decipher = createDecipheriv(CIPHER, sealingKey, nonce, { authTagLength: TAG_BYTES })
        decipher.setAAD(Buffer.from(userId)).setAuthTag(tag)
        const secret = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
        return Buffer.concat([secret, decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new Error('A second factor was sealed under another CALLER_SECRET, or changed', {
          cause,
        })
      }
    },
    hashOf: (userId, recoveryCode) =>
      createHmac('sha256', hashingKey)
        .update(JSON.stringify([userId, recoveryCode]))
        .digest('base64url'),
  }
}
