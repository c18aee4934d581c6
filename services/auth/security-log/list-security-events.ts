import type { SecurityEventKind } from '@cnop/contract/security-log.ts'
import { STORE_LIMITS, type Store } from '@cnop/kit/store/store.ts'
import { type KeptEvent, loadSecurityEvent, securityDayPartition } from './security-event-rows.ts'

export type EventsWanted = {
  /** UTC, 2026-01-31 */
  readonly day: string
  readonly kind?: SecurityEventKind | undefined
  readonly userId?: string | undefined
  readonly address?: string | undefined
  readonly limit: number
  /** The id of the event to continue behind. */
  readonly after?: string | undefined
}

export type EventPage = {
  readonly events: readonly KeptEvent[]
  /** Where the next page begins; absent behind the oldest event. */
  readonly next: string | undefined
}

/** A page reads so many rows at most: filters may leave it short, and the cursor goes on. */
const READS_MAX = 5

/** The events of one day, the newest first. */
export async function listSecurityEvents(wanted: EventsWanted, store: Store): Promise<EventPage> {
  const events: KeptEvent[] = []
  let { after } = wanted
  for (let reads = 0; reads < READS_MAX; reads += 1) {
    const { rows, more } = await store.query(securityDayPartition(wanted.day), {
      limit: STORE_LIMITS.queryRowsMax,
      reverse: true,
      ...(after === undefined ? {} : { after }),
    })
    const left = wanted.limit - events.length
    const found = rows
      .map(({ sk, row }) => loadSecurityEvent(sk, row))
      .filter((event) => isWanted(event, wanted))
    events.push(...found.slice(0, left))
    if (found.length > left) return { events, next: events.at(-1)?.id }
    if (!more) return { events, next: undefined }
    after = rows.at(-1)?.sk
  }
  return { events, next: after }
}

const isWanted = (event: KeptEvent, { kind, userId, address }: EventsWanted): boolean =>
  (kind === undefined || event.kind === kind) &&
  (userId === undefined || event.userId === userId) &&
  (address === undefined || event.address === address)
