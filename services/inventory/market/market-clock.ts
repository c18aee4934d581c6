/** Time as the recorder needs it: told, waited for, and in a simulation owned by the test. */
import { setTimeout as pause } from 'node:timers/promises'
import { type CommitClock, systemCommitClock } from '@cnop/kit/store/commit-decision.ts'

export type MarketClock = CommitClock & {
  /** Resolves when the time has come, or as soon as the signal is aborted. */
  readonly waitUntil: (atMs: number, signal: AbortSignal) => Promise<void>
}

/** A timer of the platform may end a moment early, and holds 24 days at most. */
const WAIT_MS_MAX = 60_000

export const systemMarketClock: MarketClock = {
  ...systemCommitClock,
  async waitUntil(atMs, signal) {
    for (
      let leftMs = atMs - Date.now();
      leftMs > 0 && !signal.aborted;
      leftMs = atMs - Date.now()
    ) {
      await pause(Math.min(leftMs, WAIT_MS_MAX), undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
    }
  },
}
