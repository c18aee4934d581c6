/** The security log as the service runs it: told, queued, swept, and closed in order. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '@cnop/kit/log.ts'
import type { CommitClock } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import { createSecurityEventQueue, type SecurityEventQueue } from './security-event-queue.ts'
import { sweepSecurityLog } from './sweep-security-log.ts'
import { createTellingStore } from './telling-store.ts'

export type SecurityLog = {
  /** Everything of the service is written through it, so that no event goes untold. */
  readonly store: Store
  readonly queue: Pick<SecurityEventQueue, 'push'>
  /** Before the store is closed. */
  close(): Promise<void>
}

/** A day is over within the hour after its end, and what one sweep leaves goes with the next. */
const SWEEP_PERIOD_MS = 3_600_000

export function openSecurityLog(parts: {
  store: Store
  clock: CommitClock
  newId: () => string
  log: Log
  telemetry: Telemetry
  /** For how many days an event is kept. */
  days: number
}): SecurityLog {
  const { clock, log, days } = parts
  const store = createTellingStore(parts.store, parts)
  const queue = createSecurityEventQueue({ ...parts, store })
  const closing = new AbortController()

  async function sweepForever(): Promise<void> {
    while (!closing.signal.aborted) {
      await sweepSecurityLog({ days }, { store, clock }).catch((error: unknown) =>
        log.error({ err: error }, 'the security log could not be swept'),
      )
      await pause(SWEEP_PERIOD_MS, undefined, { ref: false, signal: closing.signal }).catch(
        () => undefined,
      )
    }
  }

  const sweeping = sweepForever()
  return {
    store,
    queue,
    async close() {
      closing.abort()
      await sweeping
      await queue.close()
    },
  }
}
