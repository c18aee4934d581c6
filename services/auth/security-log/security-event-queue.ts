/**
 * Writes down what was refused, off the path of the answer and many at a time: whoever guesses
 * ten thousand passwords must neither wait for the disk nor keep it busy.
 */
import type { Log } from '@cnop/kit/log.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import { STORE_LIMITS, type Store } from '@cnop/kit/store/store.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import { loadHolder, usernameOrEmailKey } from '../users/user-rows.ts'
import { type SecurityEvent, securityEventOp } from './security-event-rows.ts'

export type SecurityEventQueue = {
  /** Never waits and never throws. A name in it that nobody has is left out. */
  push(event: SecurityEvent): void
  /** Writes what is still there. */
  close(): Promise<void>
}

type Waiting = { readonly event: SecurityEvent; readonly at: string; readonly id: string }

const PERIOD_MS = 200
const WAITING_MAX = 10_000
const DEADLINE_MS = 5_000

/** One place of a transaction is left for the event that tells how many were dropped. */
const BATCH_MAX = STORE_LIMITS.opsPerTransactionMax - 1

export function createSecurityEventQueue(parts: {
  store: Store
  clock: CommitClock
  newId: () => string
  log: Log
  telemetry: Telemetry
  waitingMax?: number
}): SecurityEventQueue {
  const { store, clock, newId, log, waitingMax = WAITING_MAX } = parts
  const droppedTotal = parts.telemetry.counter(
    'security_events_dropped_total',
    'Refusals that the security log had no room for',
    [],
  )
  const waiting: Waiting[] = []
  let dropped = 0
  let timer: NodeJS.Timeout | undefined
  let writing = Promise.resolve()

  const stamped = (event: SecurityEvent): Waiting => ({
    event,
    at: new Date(clock.now()).toISOString(),
    id: newId(),
  })

  async function writeBatch(): Promise<void> {
    const batch = waiting.slice(0, BATCH_MAX)
    const droppedBefore = dropped
    const tale = droppedBefore === 0 ? [] : [stamped(tellDropped(droppedBefore))]
    const names = [...new Set(batch.flatMap(({ event }) => nameToFind(event) ?? []))]
    await commitDecision({
      store,
      keys: names.map(usernameOrEmailKey),
      decide(rows) {
        const holders = new Map(names.map((name, i) => [name, loadHolder(rows[i])]))
        const known = batch.map((item) => ({ ...item, event: withHolder(item.event, holders) }))
        const ops = [...known, ...tale].map(({ event, ...when }) => securityEventOp(event, when))
        return { ops, outcome: undefined }
      },
      deadline: clock.now() + DEADLINE_MS,
      clock,
    })
    waiting.splice(0, batch.length)
    dropped -= droppedBefore
  }

  /** What could not be written stays, and is tried again with what comes next. */
  async function writeAll(): Promise<void> {
    try {
      while (waiting.length > 0 || dropped > 0) await writeBatch()
    } catch (error) {
      log.error({ err: error, waiting: waiting.length }, 'the security log could not be written')
    }
  }

  function wake(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      writing = writing.then(writeAll)
    }, PERIOD_MS).unref()
  }

  return {
    push(event) {
      if (waiting.length < waitingMax) waiting.push(stamped(event))
      else {
        dropped += 1
        droppedTotal.inc()
      }
      wake()
    },
    async close() {
      clearTimeout(timer)
      await writing
      await writeAll()
    },
  }
}

const tellDropped = (count: number): SecurityEvent => ({
  kind: 'events-dropped',
  outcome: 'refused',
  requestId: '-',
  detail: String(count),
})

/** Lower case, because two spellings of one name are one key. */
const nameToFind = ({ userId, actor }: SecurityEvent): string | undefined =>
  userId === undefined ? actor?.toLowerCase() : undefined

/** What was typed as a name and is none may be a password. */
function withHolder(
  event: SecurityEvent,
  holders: ReadonlyMap<string, string | undefined>,
): SecurityEvent {
  const name = nameToFind(event)
  if (name === undefined) return event
  const userId = holders.get(name)
  return userId === undefined ? { ...event, actor: undefined } : { ...event, userId }
}
