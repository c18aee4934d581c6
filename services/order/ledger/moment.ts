/** When something is decided: by the clock, and as the journal says it. */
export type Moment = {
  /** Epoch milliseconds by the clock: for what is fresh and what has expired. */
  readonly nowMs: number
  /** RFC 3339, UTC, never before the last event of the account, wherever the clock was then. */
  readonly at: string
}

export function momentOf(nowMs: number, lastEventAt: string | undefined): Moment {
  const now = new Date(nowMs).toISOString()
  return { nowMs, at: lastEventAt !== undefined && lastEventAt > now ? lastEventAt : now }
}

/** The UTC day of a time: `2026-01-31`. */
export const dayOf = (at: string): string => at.slice(0, 10)

export const secondsOf = (at: string): bigint => BigInt(Math.floor(Date.parse(at) / 1000))
