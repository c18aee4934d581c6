/** Streams outlive the check of their token, so they are watched: none goes on after its session. */
import { Problem, type ProblemCode } from '@cnop/contract/problem.ts'
import { validateToken } from '@cnop/contract/session.ts'
import type { EventStream } from '@cnop/kit/event-stream.ts'
import type { HasEnded } from '../identity/ended-sessions.ts'
import type { Identity, TokenCheck } from '../identity/token-check.ts'

export type SessionWatch = {
  /** Closes the stream when the token expires or its session ends, wherever it ends. */
  guard(stream: EventStream, identity: Identity, address: string): void
  /** Sessions have ended here: their tokens are forgotten and their streams closed at once. */
  end(hasEnded: HasEnded): void
  /** Sessions of nobody knows whom have ended here: every token is asked about again. */
  doubtAll(): void
}

const CHECK_MS = 5_000
const TIMER_MS_MAX = 2 ** 31 - 1

type Watched = { readonly identity: Identity; readonly check: () => void }

export function createSessionWatch(parts: {
  readonly tokens: TokenCheck
  readonly now: () => number
  readonly checkMs?: number
}): SessionWatch {
  const { tokens, now, checkMs = CHECK_MS } = parts
  const open = new Map<EventStream, Watched>()

  /** While auth does not answer, nothing is known against the session; its expiry still counts. */
  async function check(stream: EventStream, token: string, address: string): Promise<void> {
    try {
      await tokens.identify(token, address)
    } catch (error) {
      if (error instanceof Problem && AGAINST_THE_TOKEN.includes(error.code)) stream.close()
    }
  }

  return {
    guard(stream, identity, address) {
      const again = (): void => void check(stream, identity.token, address)
      open.set(stream, { identity, check: again })
      const lifeMs = Math.min(identity.expiresAtMs - now(), TIMER_MS_MAX)
      const expiry = setTimeout(() => stream.close(), lifeMs).unref()
      const checks = setInterval(again, checkMs).unref()
      stream.onClose(() => {
        open.delete(stream)
        clearTimeout(expiry)
        clearInterval(checks)
      })
    },
    end(hasEnded) {
      tokens.forget(hasEnded)
      for (const [stream, { identity }] of open) if (hasEnded(identity.caller)) stream.close()
    },
    doubtAll() {
      tokens.forget(() => true)
      for (const watched of open.values()) watched.check()
    },
  }
}

const AGAINST_THE_TOKEN: readonly ProblemCode[] = validateToken.problems
