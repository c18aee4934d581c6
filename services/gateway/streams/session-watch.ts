/** Streams outlive the check of their token, so they are watched: none goes on after its session. */
import type { WireAnswer } from '@cnop/contract/call.ts'
import { Problem, type ProblemCode } from '@cnop/contract/problem.ts'
import { ENDED_HEADER, validateToken } from '@cnop/contract/session.ts'
import type { Bus } from '@cnop/kit/bus/bus.ts'
import type { Customer } from '@cnop/kit/caller.ts'
import type { EventStream } from '@cnop/kit/event-stream.ts'
import type { Identity, TokenCheck } from '../identity/token-check.ts'

export type SessionWatch = {
  /** Closes the stream when the token expires or its session ends, wherever it ends. */
  guard(stream: EventStream, identity: Identity, address: string): void
  close(): void
}

/** Where doors hear that sessions of a user have ended: they ask auth about all of that user's. */
const ENDED = 'sessions-ended'
/** In the place of a user: tokens of everybody have ended. */
const ANYBODY = ''

type Telling = Pick<Bus, 'publish'>

/**
 * Every door asks again about the tokens of those whose sessions an answer of auth says have ended,
 * this one before the answer is passed on.
 */
export function doubtEnded({ headers }: Pick<WireAnswer, 'headers'>, bus: Telling): void {
  for (const userId of headers[ENDED_HEADER]?.split(',') ?? []) bus.publish(ENDED, userId)
}

/** Every door asks about every token again. */
export const doubtAll = (bus: Telling): void => bus.publish(ENDED, ANYBODY)

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
    tokens.doubt(isMeant)
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
      // Its session may have ended while it was opened; what is known already costs no question.
      again()
    },
    close: deafen,
  }
}

const AGAINST_THE_TOKEN: readonly ProblemCode[] = validateToken.problems
