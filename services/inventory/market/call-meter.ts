/** So many calls a minute, and none while the source wants to be left alone. */
import { PriceFeedFault } from '../price-feed.ts'
import { startOf } from '../record/candle-rows.ts'

export type CallMeter = {
  /** Throws the `PriceFeedFault` for which no call may be made now. */
  spend(): void
  /** A call has failed with this. */
  rest(fault: PriceFeedFault): void
}

const MINUTE_MS = 60_000

export function createCallMeter(options: {
  readonly callsPerMinuteMax: number
  /** How long to rest after a fault that does not say so itself. */
  readonly restMs: number
  readonly now: () => number
}): CallMeter {
  const { callsPerMinuteMax, restMs, now } = options
  let minuteMs = 0
  let calls = 0
  let resting: { readonly untilMs: number; readonly fault: PriceFeedFault } | undefined
  return {
    spend() {
      const nowMs = now()
      if (resting !== undefined && nowMs < resting.untilMs) throw resting.fault
      if (startOf(nowMs, MINUTE_MS) !== minuteMs) calls = 0
      minuteMs = startOf(nowMs, MINUTE_MS)
      if (calls >= callsPerMinuteMax) {
        const retryAfterMs = minuteMs + MINUTE_MS - nowMs
        throw new PriceFeedFault('rate-limited', 'Enough calls for this minute.', { retryAfterMs })
      }
      calls += 1
    },
    rest(fault) {
      const nowMs = now()
      if (resting !== undefined && nowMs < resting.untilMs) return
      resting = { untilMs: nowMs + (fault.retryAfterMs ?? restMs), fault }
    },
  }
}
