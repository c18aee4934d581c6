/** Streams outlive the check of their token, so they are watched: none goes on after its session. */
import { Problem } from '@cnop/contract/problem.ts'
import type { EventStream } from '@cnop/kit/event-stream.ts'
import type { Identity, TokenCheck } from '../admission/token-check.ts'

export type SessionWatch = {
  /** Closes the stream when the token expires or its session ends, wherever it ends. */
  guard(stream: EventStream, identity: Identity): void
  /** A session has ended here: its tokens are forgotten and its streams closed at once. */
  end(sessionId: string): void
}

const CHECK_MS = 5_000
const TIMER_MS_MAX = 2 ** 31 - 1

export function createSessionWatch(parts: {
  readonly tokens: TokenCheck
  readonly now: () => number
  readonly checkMs?: number
}): SessionWatch {
  const { tokens, now, checkMs = CHECK_MS } = parts
  const open = new Map<EventStream, string>()

  /** While auth does not answer, nothing is known against the session; its expiry still counts. */
  async function check(stream: EventStream, token: string): Promise<void> {
    try {
      await tokens.identify(token)
    } catch (error) {
      if (error instanceof Problem && error.code === 'bad-token') stream.close()
    }
  }

  return {
    guard(stream, { caller, token, expiresAtMs }) {
      open.set(stream, caller.sessionId)
      const lifeMs = Math.min(expiresAtMs - now(), TIMER_MS_MAX)
      const expiry = setTimeout(() => stream.close(), lifeMs).unref()
      const checks = setInterval(() => void check(stream, token), checkMs).unref()
      stream.onClose(() => {
        open.delete(stream)
        clearTimeout(expiry)
        clearInterval(checks)
      })
    },
    end(sessionId) {
      tokens.forget(sessionId)
      for (const [stream, owner] of open) if (owner === sessionId) stream.close()
    },
  }
}
