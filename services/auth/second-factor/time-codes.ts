/** Codes of authenticator apps (RFC 6238), with what every app can: SHA-1, 6 digits, 30 seconds. */
import { Secret, TOTP } from 'otpauth'

const ISSUER = 'CNOP'
const SECRET_BYTES = 20
const FORM = { algorithm: 'SHA1', digits: 6, period: 30 } as const

/** A clock may be off by so many steps; RFC 6238, section 5.2, recommends one. */
const DRIFT_STEPS = 1

/** 160 bits in base32, as people type it and apps read it. */
export const newTimeSecret = (): string => new Secret({ size: SECRET_BYTES }).base32

/** What an app reads as a QR code. */
export const timeSecretUri = (secret: string, username: string): string =>
  new TOTP({ ...FORM, issuer: ISSUER, label: username, secret }).toString()

const CODE = /^[0-9]{6}$/

/** The step whose code this is; `undefined` where it is of no step near now. */
export function stepOfCode(secret: string, code: string, nowMs: number): bigint | undefined {
  if (!CODE.test(code)) return undefined
  const totp = new TOTP({ ...FORM, secret })
  const delta = totp.validate({ token: code, timestamp: nowMs, window: DRIFT_STEPS })
  return delta === null ? undefined : BigInt(totp.counter({ timestamp: nowMs }) + delta)
}
