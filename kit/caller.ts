/**
 * Who calls. The gateway says it once, signed with the platform's secret; every service verifies
 * it, in one process as in many. A header from outside never survives the gateway.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Problem } from '@cnop/contract/problem.ts'

export const CALLER_HEADER = 'x-cnop-caller'

export type Caller =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'customer'
      readonly userId: string
      readonly username: string
      readonly sessionId: string
    }
  /** A service on its own behalf. */
  | { readonly kind: 'system'; readonly name: string }
  | { readonly kind: 'operator'; readonly name: string }

export type Customer = Extract<Caller, { kind: 'customer' }>

/** A signature is good for this long, so that a recorded one is worth little. */
const SIGNATURE_LIFE_MS = 60_000

const macOf = (secret: string, payload: string): Buffer =>
  createHmac('sha256', secret).update(payload).digest()

export function signCaller(caller: Caller, signing: { secret: string; nowMs: number }): string {
  const payload = Buffer.from(JSON.stringify({ ...caller, at: signing.nowMs })).toString(
    'base64url',
  )
  return `${payload}.${macOf(signing.secret, payload).toString('base64url')}`
}

/** Throws `bad-signature` for a header that is missing, forged or older than its life. */
export function verifyCaller(
  header: string | undefined,
  signing: { secret: string; nowMs: number },
): Caller {
  const [payload = '', mac = ''] = header?.split('.', 2) ?? []
  const given = Buffer.from(mac, 'base64url')
  const right = macOf(signing.secret, payload)
  if (given.length !== right.length || !timingSafeEqual(given, right))
    throw new Problem('bad-signature')
  const { at, ...caller } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Caller & {
    at: number
  }
  if (Math.abs(signing.nowMs - at) > SIGNATURE_LIFE_MS) throw new Problem('bad-signature')
  return caller as Caller
}
