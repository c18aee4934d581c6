/**
 * Work whose length must not show in an answer: done behind it, one after the other, and no more
 * waiting than there is room for.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '@cnop/contract/problem.ts'
import type { Log } from '@cnop/kit/log.ts'

export type BackgroundWork = {
  /** Never waits. Throws `too-busy` when too much is waiting already. */
  add(work: () => Promise<void>): void
  /** Does what waits, and takes no more. */
  close(): Promise<void>
}

/** By then the answer is out, also where the disk is slow and shares the thread with the door. */
const BEHIND_MS = 100
const WAITING_MAX = 256
const RETRY_AFTER_SECONDS = 5

export function createBackgroundWork({
  log,
  waitingMax = WAITING_MAX,
}: {
  log: Log
  waitingMax?: number
}): BackgroundWork {
  let waiting = 0
  let closed = false
  let done = Promise.resolve()

  return {
    add(work) {
      if (closed || waiting >= waitingMax) {
        throw new Problem('too-busy', { retryAfterSeconds: RETRY_AFTER_SECONDS })
      }
      waiting += 1
      done = Promise.all([done, pause(BEHIND_MS)])
        .then(work)
        .catch((error: unknown) => log.error({ err: error }, 'work behind an answer failed'))
        .finally(() => {
          waiting -= 1
        })
    },
    async close() {
      closed = true
      await done
    },
  }
}
