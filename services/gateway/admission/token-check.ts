/**
 * Whose token this is. Good answers of auth are kept for a moment, so that a burst of requests asks
 * once; a session that ends through this door is forgotten at once.
 */

import { call, type Send } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { validateToken } from '@cnop/contract/session.ts'
import type { Customer } from '@cnop/kit/caller.ts'

export type Identity = {
  readonly caller: Customer
  readonly token: string
  readonly expiresAtMs: number
}

export type TokenCheck = {
  /** Throws `bad-token`. */
  identify(token: string): Promise<Identity>
  forget(sessionId: string): void
}

/** A revocation elsewhere takes effect at this door within this time. */
const KEPT_MS = 1_000
const KEPT_MAX = 10_000

export function createTokenCheck(parts: {
  readonly send: Send
  readonly now: () => number
  readonly keptMax?: number
}): TokenCheck {
  const { send, now, keptMax = KEPT_MAX } = parts
  const known = new Map<string, { identity: Identity; untilMs: number }>()
  const asked = new Map<string, Promise<Identity>>()

  async function ask(token: string): Promise<Identity> {
    const { data } = await call(send, validateToken, { body: { token } })
    const { user_id: userId, username, session_id: sessionId, expires_at: expiresAt } = data
    const expiresAtMs = Date.parse(expiresAt)
    if (expiresAtMs <= now()) throw new Problem('bad-token')
    return { caller: { kind: 'customer', userId, username, sessionId }, token, expiresAtMs }
  }

  /** An answer that was under way when a session ended is used by those who wait, and not kept. */
  async function askOnce(token: string): Promise<Identity> {
    const answer = ask(token)
    asked.set(token, answer)
    try {
      const identity = await answer
      if (asked.get(token) === answer) keep(identity)
      return identity
    } finally {
      if (asked.get(token) === answer) asked.delete(token)
    }
  }

  function keep(identity: Identity): void {
    known.delete(identity.token)
    known.set(identity.token, {
      identity,
      untilMs: Math.min(now() + KEPT_MS, identity.expiresAtMs),
    })
    for (const oldest of known.keys()) {
      if (known.size <= keptMax) return
      known.delete(oldest)
    }
  }

  return {
    async identify(token) {
      const kept = known.get(token)
      if (kept !== undefined && now() < kept.untilMs) return kept.identity
      return asked.get(token) ?? askOnce(token)
    },
    forget(sessionId) {
      asked.clear()
      for (const [token, { identity }] of known) {
        if (identity.caller.sessionId === sessionId) known.delete(token)
      }
    },
  }
}

const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i
const TOKEN_LENGTH_MAX = 8192

/** The token of an `Authorization` header; `undefined` when it names no bearer. Throws `bad-token`. */
export function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || !/^bearer\b/i.test(authorization)) return undefined
  const token = BEARER.exec(authorization)?.[1]
  if (token === undefined || token.length > TOKEN_LENGTH_MAX) throw new Problem('bad-token')
  return token
}
