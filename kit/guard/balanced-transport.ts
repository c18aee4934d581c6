/**
 * Several replicas of one service as one transport. Each has a breaker of its own, so a dead one is
 * left alone while the others answer; what it cannot have done is asked of another.
 */
import type { WireRequest } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { TIMEOUT_HEADER, TIMEOUT_MS_DEFAULT } from '../deadline.ts'
import { ConnectionLost, NeverReached } from '../transport.ts'
import type { BreakerState } from './breaker.ts'
import { type GuardedTransport, LeftAlone } from './guarded-transport.ts'

export type Replica = {
  /** The same wherever it is called from. */
  readonly address: string
  readonly transport: GuardedTransport
}

/**
 * So many more calls under way than at the idlest send a customer's next one elsewhere: until then
 * all of one customer go to one replica, which commits them in groups instead of against each other.
 */
const FAITHFUL_CALLS_MAX = 16

type Seat = Replica & { underway: number }

type Asking<Answer> = (transport: GuardedTransport, request: WireRequest) => Promise<Answer>

export function balanceTransports(
  replicas: readonly Replica[],
  now: () => number = Date.now,
): GuardedTransport {
  const seats: readonly Seat[] = replicas.map((replica) => ({ ...replica, underway: 0 }))
  const all = seats.map(({ transport }) => transport)
  let turn = 0

  /** The idlest of those that may be asked, in turn among equals; at last whoever says why not. */
  function choose(request: WireRequest, tried: ReadonlySet<Seat>): Seat | undefined {
    const left = seats.filter((seat) => !tried.has(seat))
    const open = left.filter(({ transport }) => transport.admits)
    const trial = mayRepeat(request) ? open.find(isOnTrial) : undefined
    if (trial !== undefined) return trial
    const closed = open.filter((seat) => !isOnTrial(seat))
    const willing = closed.length > 0 ? closed : open
    turn += 1
    const idlest = willing.reduce<Seat | undefined>((best, _, i) => {
      const seat = willing[(turn + i) % willing.length] as Seat
      return best === undefined || seat.underway < best.underway ? seat : best
    }, undefined)
    const faithful = faithfulOf(request, willing)
    if (idlest === undefined) return left[0]
    return faithful !== undefined && faithful.underway - idlest.underway < FAITHFUL_CALLS_MAX
      ? faithful
      : idlest
  }

  async function ask<Answer>(request: WireRequest, asked: Asking<Answer>): Promise<Answer> {
    const untilMs = now() + timeoutOf(request)
    const tried = new Set<Seat>()
    let wire = request
    let refusal: unknown
    for (;;) {
      const seat = choose(request, tried)
      if (seat === undefined) throw refusal
      tried.add(seat)
      try {
        return await counted(seat, () => asked(seat.transport, wire))
      } catch (error) {
        refusal = error
        if (!mayGoElsewhere(request, error)) throw error
        wire = inWhatIsLeft(request, untilMs - now(), error)
      }
    }
  }

  return {
    get breakerState() {
      return stateOf(all.map(({ breakerState }) => breakerState))
    },
    get admits() {
      return all.some(({ admits }) => admits)
    },
    replicas: all,
    send: (request) => ask(request, (transport, wire) => transport.send(wire)),
    open: (request) => ask(request, (transport, wire) => transport.open(wire)),
    async close() {
      await Promise.all(all.map((transport) => transport.close()))
    },
  }
}

async function counted<Answer>(seat: Seat, ask: () => Promise<Answer>): Promise<Answer> {
  seat.underway += 1
  try {
    return await ask()
  } finally {
    seat.underway -= 1
  }
}

const isOnTrial = ({ transport }: Seat): boolean => transport.breakerState !== 'closed'

const timeoutOf = ({ headers }: WireRequest): number =>
  Number(headers[TIMEOUT_HEADER] ?? TIMEOUT_MS_DEFAULT)

/** The service is as well as its best replica. */
const stateOf = (states: readonly BreakerState[]): BreakerState =>
  (['closed', 'half-open'] as const).find((state) => states.includes(state)) ?? 'open'

/** Twice is once: it changes nothing, or it carries the key that makes it one. */
const mayRepeat = ({ method, headers }: WireRequest): boolean =>
  method === 'GET' || headers['idempotency-key'] !== undefined

function mayGoElsewhere(request: WireRequest, error: unknown): boolean {
  const cause = error instanceof Problem ? error.cause : undefined
  if (cause instanceof LeftAlone || cause instanceof NeverReached) return true
  return cause instanceof ConnectionLost && mayRepeat(request)
}

/** Throws the error when there is no time for another attempt, or nobody who waits for it. */
function inWhatIsLeft(request: WireRequest, leftMs: number, error: unknown): WireRequest {
  if (leftMs <= 0 || request.signal?.aborted) throw error
  return { ...request, headers: { ...request.headers, [TIMEOUT_HEADER]: String(leftMs) } }
}

/** By rendezvous: when a replica comes or goes, only its own customers change places. */
function faithfulOf({ affinity }: WireRequest, seats: readonly Seat[]): Seat | undefined {
  if (affinity === undefined) return undefined
  let best: { readonly seat: Seat; readonly score: number } | undefined
  for (const seat of seats) {
    const score = scoreOf(`${affinity} ${seat.address}`)
    if (best === undefined || score > best.score) best = { seat, score }
  }
  return best?.seat
}

/** FNV-1a with a final mix, because it barely stirs what stands last. */
function scoreOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}
