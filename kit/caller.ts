/**
 * Who calls. The gateway says it once, signed with the platform's secret; every service verifies
 * it, in one process as in many. A header from outside never survives the gateway.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Problem } from '@cnop/contract/problem.ts'
import type { KeyScope } from '@cnop/contract/route.ts'

export const CALLER_HEADER = 'x-cnop-caller'

export type Caller = (
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'customer'
      readonly userId: string
      readonly username: string
      /** Of the session, or of the API key that stands for one. */
      readonly sessionId: string
      /** What an API key may do; absent for a session, which may do everything. */
      readonly scopes?: readonly KeyScope[]
      /** The door has asked for the second factor for this request, where the account has one. */
      readonly secondFactor?: 'asked'
    }
  /** A service on its own behalf. */
  | { readonly kind: 'system'; readonly name: string }
  | { readonly kind: 'operator'; readonly name: string }
) & {
  /** The address the request came from, for those who keep a record of it. */
  readonly address?: string
}

export type Customer = Extract<Caller, { kind: 'customer' }>

/** A signature is good for this long, so that a recorded one is worth little. */
const SIGNATURE_LIFE_MS = 60_000

const macOf = (secret: string, payload: string): Buffer =>
  createHmac('sha256', secret).update(payload).digest()

/** A caller's signature is made once a second; the same value calls many times in it. */
const SIGNED_AGAIN_MS = 1_000
const signatures = new WeakMap<Caller, { secret: string; at: number; header: string }>()

export function signCaller(caller: Caller, signing: { secret: string; nowMs: number }): string {
  const { secret, nowMs } = signing
  const made = signatures.get(caller)
  if (made?.secret === secret && nowMs >= made.at && nowMs < made.at + SIGNED_AGAIN_MS) {
    return made.header
  }
  const payload = Buffer.from(JSON.stringify({ ...caller, at: nowMs })).toString('base64url')
  const header = `${payload}.${macOf(secret, payload).toString('base64url')}`
  signatures.set(caller, { secret, at: nowMs, header })
  return header
}

type Verified = { readonly caller: Caller; readonly at: number }

/** Headers found good, by secret and header: they come again and again within their second. */
const VERIFIED_MAX = 4_096
const verified = new Map<string, Verified>()

function remember(name: string, found: Verified): Verified {
  if (verified.size >= VERIFIED_MAX) verified.clear()
  verified.set(name, found)
  return found
}

/** Throws `bad-signature` for a header that is missing, forged or older than its life. */
export function verifyCaller(
  header: string | undefined,
  signing: { secret: string; nowMs: number },
): Caller {
  const name = `${signing.secret} ${header}`
  const { caller, at } = verified.get(name) ?? remember(name, verifyOnce(header, signing.secret))
  if (Math.abs(signing.nowMs - at) > SIGNATURE_LIFE_MS) throw new Problem('bad-signature')
  return caller
}

function verifyOnce(header: string | undefined, secret: string): Verified {
  const [payload = '', mac = ''] = header?.split('.', 2) ?? []
  const given = Buffer.from(mac, 'base64url')
  const right = macOf(secret, payload)
  if (given.length !== right.length || !timingSafeEqual(given, right))
    throw new Problem('bad-signature')
  const { at, ...caller } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Caller & {
    at: number
  }
  return { caller: caller as Caller, at }
}
