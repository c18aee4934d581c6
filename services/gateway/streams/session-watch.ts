/** Streams outlive the check of their token, so they are watched: none goes on after its session. */
import { Problem, type ProblemCode } from '@cnop/contract/problem.ts'
import { validateToken } from '@cnop/contract/session.ts'
import type { Bus } from '@cnop/kit/bus/bus.ts'
import type { Customer } from '@cnop/kit/caller.ts'
import type { EventStream } from '@cnop/kit/event-stream.ts'
import type { HasEnded } from '../identity/ended-sessions.ts'
import type { Identity, TokenCheck } from '../identity/token-check.ts'

export type SessionWatch = {
  /** Closes the stream when the token expires or its session ends, wherever it ends. */
  guard(stream: EventStream, identity: Identity, address: string): void
  /**
   * Sessions of this user have ended here: their streams are closed at once, and every door forgets
   * the user's tokens and asks about the streams that are left.
   */
  end(userId: string, hasEnded: HasEnded): void
  close(): void
}

/** Where doors hear that sessions of a user have ended: they ask auth about all of that user's. */
const ENDED = 'sessions-ended'
/** In the place of a user: sessions of nobody knows whom have ended. */
const ANYBODY = ''

/** Every door asks about every token again. */
export const doubtAll = (bus: Pick<Bus, 'publish'>): void => bus.publish(ENDED, ANYBODY)

const CHECK_MS = 5_000
const TIMER_MS_MAX = 2 ** 31 - 1

type Watched = { readonly identity: Identity; readonly check: () => void }

export function createSessionWatch(parts: {
  readonly tokens: TokenCheck
  /** To and from the other doors. */
  readonly bus: Bus
  readonly now: () => number
  readonly checkMs?: number
}): SessionWatch {
  const { tokens, bus, now, checkMs = CHECK_MS } = parts
  const open = new Map<EventStream, Watched>()

  /** While auth does not answer, nothing is known against the session; its expiry still counts. */
  async function check(stream: EventStream, token: string, address: string): Promise<void> {
    try {
      await tokens.identify(token, address)
    } catch (error) {
      if (error instanceof Problem && AGAINST_THE_TOKEN.includes(error.code)) stream.close()
    }
  }

  const deafen = bus.subscribe(ENDED, (userId) => {
    const isMeant = ({ userId: own }: Customer): boolean => userId === ANYBODY || userId === own
    tokens.forget(isMeant)
    for (const watched of open.values()) if (isMeant(watched.identity.caller)) watched.check()
  })

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
    end(userId, hasEnded) {
      for (const [stream, { identity }] of open) if (hasEnded(identity.caller)) stream.close()
      bus.publish(ENDED, userId)
    },
    close: deafen,
  }
}

const AGAINST_THE_TOKEN: readonly ProblemCode[] = validateToken.problems
