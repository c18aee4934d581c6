/**
 * Keeps when and from where API keys were used and refused, off the path of the answer: a bot is
 * served whether or not this can be written. To the minute, so that a busy key costs one write.
 */
import type { Log } from '@cnop/kit/log.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { SecurityEventQueue } from '../security-log/security-event-queue.ts'
import { type ApiKey, apiKeyKey, loadApiKey, storeUse } from './api-key-rows.ts'

export type ApiKeyUse = {
  readonly keyId: string
  readonly userId: string
  readonly address: string
  readonly requestId: string
}

export type ApiKeyUses = {
  /** Neither waits nor throws, as `refused`. */
  used(key: ApiKey, use: ApiKeyUse): void
  /** Somebody holds the key where it may not be used. */
  refused(use: ApiKeyUse): void
  /** Waits for what is being written. */
  close(): Promise<void>
}

const PERIOD_MS = 60_000
const DEADLINE_MS = 5_000

export function createApiKeyUses(parts: {
  store: Store
  clock: CommitClock
  log: Log
  events: Pick<SecurityEventQueue, 'push'>
}): ApiKeyUses {
  const { clock, log, events } = parts
  const isUseDue = oncePer(PERIOD_MS, clock.now)
  const isRefusalDue = oncePer(PERIOD_MS, clock.now)
  const writing = new Set<Promise<void>>()

  return {
    used(key, use) {
      if (!isOld(key, clock.now()) || !isUseDue(use.keyId)) return
      const write: Promise<void> = writeUse(use, parts)
        .catch((error: unknown) =>
          log.warn({ err: error, key_id: use.keyId }, 'the last use of a key could not be written'),
        )
        .finally(() => writing.delete(write))
      writing.add(write)
    },
    refused({ userId, keyId, address, requestId }) {
      if (!isRefusalDue(keyId)) return
      const event = { userId, address, requestId, detail: keyId } as const
      events.push({ ...event, kind: 'key-refused', outcome: 'refused' })
    },
    async close() {
      await Promise.all(writing)
    },
  }
}

/** A key that was revoked meanwhile does not come back by this, and one use of a minute is kept. */
function writeUse(
  { userId, keyId, address }: ApiKeyUse,
  { store, clock }: { store: Store; clock: CommitClock },
): Promise<void> {
  const key = apiKeyKey(userId, keyId)
  const atMs = clock.now()
  return commitDecision({
    store,
    keys: [key],
    decide([row]) {
      const kept = row && loadApiKey(row)
      if (kept === undefined || !isOld(kept, atMs)) return { ops: [], outcome: undefined }
      const { hash, lastUse } = kept
      const when = { equals: { hash, ...storeUse(lastUse) } }
      return {
        ops: [{ kind: 'update', key, set: storeUse({ atMs, address }), when }],
        outcome: undefined,
      }
    },
    deadline: atMs + DEADLINE_MS,
    clock,
  })
}

const isOld = ({ lastUse }: ApiKey, nowMs: number): boolean =>
  lastUse === undefined || nowMs - lastUse.atMs >= PERIOD_MS

/** More than are in use at once; beyond it some are remembered anew. */
const REMEMBERED_MAX = 10_000

/** Whether it is the first time in a period for this key, as far as this process knows. */
function oncePer(periodMs: number, now: () => number): (key: string) => boolean {
  const last = new Map<string, number>()
  return (key) => {
    const nowMs = now()
    if (nowMs - (last.get(key) ?? Number.NEGATIVE_INFINITY) < periodMs) return false
    if (last.size >= REMEMBERED_MAX) last.clear()
    last.set(key, nowMs)
    return true
  }
}
