/** A clock that stands still until a test moves it. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { MarketClock } from '../market/market-clock.ts'

export type TestClock = MarketClock & {
  /** Moves time on, stopping wherever somebody waits, until all work of that moment is done. */
  advance(ms: number): Promise<void>
}

/** More turns of the event loop than any work of one moment takes. */
const TURNS = 12

export function createTestClock(startMs: number): TestClock {
  const waits = new Set<{ readonly atMs: number; readonly end: () => void }>()
  let nowMs = startMs

  async function settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await nextTurn()
  }

  return {
    now: () => nowMs,
    random: Math.random,
    pause: async () => {},
    waitUntil: (atMs, signal) =>
      new Promise((resolve) => {
        if (atMs <= nowMs || signal.aborted) return resolve()
        const wait = { atMs, end }
        waits.add(wait)
        signal.addEventListener('abort', end, { once: true })
        function end(): void {
          waits.delete(wait)
          signal.removeEventListener('abort', end)
          resolve()
        }
      }),
    async advance(ms) {
      const untilMs = nowMs + ms
      for (;;) {
        await settle()
        const next = [...waits].filter(({ atMs }) => atMs <= untilMs)
        if (next.length === 0) break
        nowMs = Math.min(...next.map(({ atMs }) => atMs))
        for (const wait of next) if (wait.atMs <= nowMs) wait.end()
      }
      nowMs = untilMs
      await settle()
    },
  }
}
