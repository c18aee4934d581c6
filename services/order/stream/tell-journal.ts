/**
 * A customer's journal as it grows, told to one client. One loop reads it, page by page, behind the
 * last event told; whatever wakes the loop, it is the journal that says what comes next, so that
 * nothing is lost, doubled or out of order.
 */
import type { Bus } from '@cnop/kit/bus/bus.ts'
import type { EventStream } from '@cnop/kit/event-stream.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { headKey, loadAccount, partitionOf } from '../ledger/account-rows.ts'
import { EVENT_RANGE, eventSortKey, loadEvent } from '../ledger/journal-rows.ts'
import { journalChannel } from './journal-channel.ts'
import { framesOf, type JournalChannel, positionFrame } from './journal-frames.ts'
import { createWake } from './wake.ts'

const EVENTS_PER_READ = 100

/** A hint may be lost: after this long the journal is read without one. */
const POLL_MS = 5_000

export type Telling = {
  readonly store: Pick<StoreReader, 'snapshot' | 'query'>
  readonly bus: Pick<Bus, 'subscribe'>
  readonly userId: string
  readonly channels: ReadonlySet<JournalChannel>
  /** The sequence to tell on behind; `undefined` tells from now on. */
  readonly after: bigint | undefined
  readonly pollMs?: number
}

/** Ends when the stream has ended. Throws what keeps the journal from being read. */
export async function tellJournal(stream: EventStream, telling: Telling): Promise<void> {
  const { store, bus, userId, channels, pollMs = POLL_MS } = telling
  const wake = createWake()
  stream.onClose(bus.subscribe(journalChannel(userId), wake.hint))
  stream.onClose(wake.hint)
  let told = await startOf(telling)
  stream.send(positionFrame(told))
  while (!stream.closed) {
    const { rows, more } = await store.query(partitionOf(userId), {
      ...EVENT_RANGE,
      after: eventSortKey(told),
      limit: EVENTS_PER_READ,
    })
    for (const { row } of rows) {
      const event = loadEvent(row)
      stream.send(framesOf(event, channels))
      told = event.seq
    }
    if (more) await stream.drained()
    else await wake.sleep(pollMs)
  }
}

/** A client cannot have heard more than there is, unless the books were restored since. */
async function startOf({ store, userId, after }: Telling): Promise<bigint> {
  const [head] = await store.snapshot([headKey(userId)])
  const last = head === undefined ? 0n : loadAccount(head).seq
  return after !== undefined && after < last ? after : last
}
