/**
 * Whose token or API key this is. Good answers of auth are kept for a moment, so that a burst of
 * requests asks once; where a session may have ended its tokens are asked about at once.
 */
import type { Send } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { AnswerOf } from '@cnop/contract/route.ts'
import { validateToken } from '@cnop/contract/session.ts'
import type { Customer } from '@cnop/kit/caller.ts'
import { askingAuth } from './ask-auth.ts'
import type { BadTokens } from './bad-tokens.ts'
import { isApiKey } from './bearer-token.ts'

export type Identity = {
  readonly caller: Customer
  readonly token: string
  /** `Infinity` for a key that does not expire. */
  readonly expiresAtMs: number
}

export type TokenCheck = {
  /**
   * Throws `bad-token`, or `address-not-allowed` for a key at an address that is not its; without
   * an answer of auth `dependency-down`, because then nothing is known against the token.
   */
  identify(token: string, address: string): Promise<Identity>
  /** Asks auth again about each of these, whoever guesses beside them. */
  doubt(mayHaveEnded: (caller: Customer) => boolean): void
}

/** A revocation elsewhere takes effect at this door within this time. */
const KEPT_MS = 1_000
const KEPT_MAX = 10_000

export function createTokenCheck(parts: {
  readonly send: Send
  readonly badTokens: BadTokens
  readonly now: () => number
  readonly keptMax?: number
}): TokenCheck {
  const { badTokens, now, keptMax = KEPT_MAX } = parts
  const askAuth = askingAuth(parts.send, validateToken)
  /** An entry that is past its time still says that this token was good here. */
  const known = new Map<string, { identity: Identity; untilMs: number }>()
  const asked = new Map<string, Promise<Identity>>()

  async function ask(name: string, token: string, address: string): Promise<Identity> {
    if (!known.has(name)) await badTokens.refuseGuesser(address)
    try {
      return identityOf(await askAuth({ body: { token, address } }), token, now())
    } catch (error) {
      if (error instanceof Problem && error.code === 'bad-token') {
        known.delete(name)
        await badTokens.note(address)
      }
      throw error
    }
  }

  /** An answer that was under way when a session ended is used by those who wait, and not kept. */
  async function askOnce(name: string, token: string, address: string): Promise<Identity> {
    const answer = ask(name, token, address)
    asked.set(name, answer)
    try {
      const identity = await answer
      if (asked.get(name) === answer) keep(name, identity)
      return identity
    } finally {
      if (asked.get(name) === answer) asked.delete(name)
    }
  }

  function keep(name: string, identity: Identity): void {
    known.delete(name)
    known.set(name, { identity, untilMs: Math.min(now() + KEPT_MS, identity.expiresAtMs) })
    for (const oldest of known.keys()) {
      if (known.size <= keptMax) return
      known.delete(oldest)
    }
  }

  return {
    async identify(token, address) {
      const name = isApiKey(token) ? `${address} ${token}` : token
      const kept = known.get(name)
      if (kept !== undefined && now() < kept.untilMs) return kept.identity
      return asked.get(name) ?? askOnce(name, token, address)
    },
    doubt(mayHaveEnded) {
      asked.clear()
      for (const [name, { identity }] of known)
        if (mayHaveEnded(identity.caller)) known.set(name, { identity, untilMs: 0 })
    },
  }
}

type Subject = AnswerOf<typeof validateToken>

function identityOf({ data }: Subject, token: string, nowMs: number): Identity {
  const { user_id: userId, username, session_id: sessionId, scopes, expires_at } = data
  const expiresAtMs = expires_at === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires_at)
  if (expiresAtMs <= nowMs) throw new Problem('bad-token')
  const scoped = scopes === undefined ? {} : { scopes }
  return {
    caller: { kind: 'customer', userId, username, sessionId, ...scoped },
    token,
    expiresAtMs,
  }
}
