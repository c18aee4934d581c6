/** Looks after the signing keys for as long as the service runs. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '@cnop/kit/log.ts'
import type { SigningKeys } from './signing-keys.ts'

/** Other replicas learn of a key that was dropped within this time. */
const PERIOD_MS = 5_000

/** `close` resolves when the store is left alone. A ring that cannot be read stays as it was. */
export function keepSigningKeys(
  keys: Pick<SigningKeys, 'tend'>,
  { log, periodMs = PERIOD_MS }: { log: Log; periodMs?: number },
): { close(): Promise<void> } {
  const closing = new AbortController()
  const { signal } = closing

  async function keep(): Promise<void> {
    while (!signal.aborted) {
      await pause(periodMs, undefined, { ref: false, signal }).catch(() => undefined)
      if (signal.aborted) return
      await keys.tend().catch((error: unknown) => {
        log.error({ err: error }, 'the signing keys could not be read')
      })
    }
  }

  const keeping = keep()
  return {
    async close() {
      closing.abort()
      await keeping
    },
  }
}
