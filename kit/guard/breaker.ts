/**
 * A circuit breaker as a value: whether a service is asked, after what it answered so far. Time is
 * passed in, and nothing happens by itself.
 */
export type BreakerState = 'closed' | 'open' | 'half-open'

export type BreakerRules = {
  /** So many failures in a row open it. */
  readonly failuresMax: number
  /** Then nothing is asked for so long. */
  readonly openMs: number
  /** So many answers in a row, asked for one at a time, close it again. */
  readonly successesMin: number
}

export type Breaker = {
  readonly state: BreakerState
  /** Counts the changes of state: what was asked before the last says nothing of what is now. */
  readonly era: number
  /** In a row: failures while closed, answers while half open. */
  readonly count: number
  /** One request is trying a half-open breaker. */
  readonly probing: boolean
  readonly openedAtMs: number
  /**
   * A service that shows life is tried early, but not before it was left alone for so long: at first
   * at once, and each time that it fails a trial twice as late.
   */
  readonly patienceMs: number
}

const PATIENCE_FIRST_MS = 1_000

/** `left`: whoever asked went away, and nobody knows what would have come. */
export type Outcome = 'answered' | 'failed' | 'left'

export const CLOSED: Breaker = {
  state: 'closed',
  era: 0,
  count: 0,
  probing: false,
  openedAtMs: 0,
  patienceMs: 0,
}

/** The breaker once a request has passed it; `undefined` when none may. */
export function passed(breaker: Breaker, nowMs: number, rules: BreakerRules): Breaker | undefined {
  if (breaker.state === 'closed') return breaker
  if (breaker.state === 'half-open') return breaker.probing ? undefined : probed(breaker)
  return openForMs(breaker, nowMs, rules) > 0 ? undefined : probed(halfOpened(breaker))
}

/** The breaker once a request that has passed it in this era is over. */
export function settled(
  breaker: Breaker,
  { era, outcome, nowMs }: { era: number; outcome: Outcome; nowMs: number },
  rules: BreakerRules,
): Breaker {
  if (era !== breaker.era) return breaker
  if (breaker.state === 'closed') return settledClosed(breaker, outcome, { nowMs, rules })
  if (outcome === 'left') return { ...breaker, probing: false }
  if (outcome === 'failed') return opened(breaker, nowMs, morePatience(breaker))
  const count = breaker.count + 1
  if (count < rules.successesMin) return { ...breaker, count, probing: false }
  return { ...CLOSED, era: breaker.era + 1 }
}

function settledClosed(
  breaker: Breaker,
  outcome: Outcome,
  { nowMs, rules }: { nowMs: number; rules: BreakerRules },
): Breaker {
  if (outcome === 'left') return breaker
  if (outcome === 'answered') return breaker.count === 0 ? breaker : { ...breaker, count: 0 }
  const count = breaker.count + 1
  return count < rules.failuresMax ? { ...breaker, count } : opened(breaker, nowMs, 0)
}

/** The breaker once its service has shown life outside the requests that pass. */
export const enlivened = (breaker: Breaker, nowMs: number): Breaker =>
  breaker.state === 'open' && patienceLeftMs(breaker, nowMs) === 0 ? halfOpened(breaker) : breaker

/** For how long not even life helps. A clock that is set back ends it. */
export function patienceLeftMs({ openedAtMs, patienceMs }: Breaker, nowMs: number): number {
  const elapsedMs = nowMs - openedAtMs
  return elapsedMs < 0 ? 0 : Math.max(0, patienceMs - elapsedMs)
}

const morePatience = ({ patienceMs }: Breaker): number =>
  patienceMs === 0 ? PATIENCE_FIRST_MS : patienceMs * 2

/** For how long nothing passes unless the service shows life. A clock that is set back ends it. */
export function openForMs(breaker: Breaker, nowMs: number, { openMs }: BreakerRules): number {
  if (breaker.state !== 'open') return 0
  const elapsedMs = nowMs - breaker.openedAtMs
  return elapsedMs < 0 ? 0 : Math.max(0, openMs - elapsedMs)
}

const probed = (breaker: Breaker): Breaker => ({ ...breaker, probing: true })

const halfOpened = ({ era, patienceMs }: Breaker): Breaker => ({
  ...CLOSED,
  state: 'half-open',
  era: era + 1,
  patienceMs,
})

const opened = ({ era }: Breaker, openedAtMs: number, patienceMs: number): Breaker => ({
  ...CLOSED,
  state: 'open',
  era: era + 1,
  openedAtMs,
  patienceMs,
})
