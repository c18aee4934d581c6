/**
 * Refresh tokens: whose session, which generation of it, and a mac that only this platform can make.
 * Nothing of a token is stored, so what is stored opens nothing.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

export type RefreshClaim = {
  readonly userId: string
  readonly sessionId: string
  readonly generation: bigint
}

export type RefreshTokens = {
  write(claim: RefreshClaim): string
  /** `undefined` for what this platform has not written. */
  read(token: string): RefreshClaim | undefined
}

const KEY_LABEL = 'cnop refresh tokens'
const KEY_BYTES = 32
const TOKEN =
  /^([0-9A-Za-z_-]{1,64})\.([0-9A-Za-z_-]{1,64})\.([1-9][0-9]{0,18})\.([0-9A-Za-z_-]{43})$/

/** `secret` is the platform's own; the key of the macs is derived from it and used for nothing else. */
export function createRefreshTokens(secret: string): RefreshTokens {
  const key = Buffer.from(hkdfSync('sha256', secret, '', KEY_LABEL, KEY_BYTES))
  const write = ({ userId, sessionId, generation }: RefreshClaim): string => {
    const claim = `${userId}.${sessionId}.${generation}`
    return `${claim}.${createHmac('sha256', key).update(claim).digest('base64url')}`
  }
  return {
    write,
    read(token) {
      const [, userId, sessionId, generation] = TOKEN.exec(token) ?? []
      if (userId === undefined || sessionId === undefined || generation === undefined) return
      const claim = { userId, sessionId, generation: BigInt(generation) }
      const right = Buffer.from(write(claim))
      const given = Buffer.from(token)
      return given.length === right.length && timingSafeEqual(given, right) ? claim : undefined
    },
  }
}
