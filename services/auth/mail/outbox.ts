/** Looks for letters that are due, a few at a time, now and then and whenever it is told. */
import type { KeyedRow } from '@cnop/kit/store/store.ts'
import { dueLetters, loadLetter, type WaitingLetter } from './letter-rows.ts'
import { letterSender, type SendingParts } from './send-letter.ts'

export type Outbox = {
  /** Says that a letter may wait; otherwise it is found with the next look. Never waits. */
  wake(): void
  /** Lets what is being sent come to its end; what else waits is sent after the next start. */
  close(): Promise<void>
}

/** An address whose server hangs holds one place, and the others go on in the rest. */
const SENDING_MAX = 4
const PAGE_ROWS = 50
const LOOK_PERIOD_MS = 2_000

export function createOutbox(parts: SendingParts): Outbox {
  const { store, clock, log } = parts
  const deliver = letterSender(parts)
  let closed = false
  let asked = false
  let round: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  /** Until nothing is due. What others have taken meanwhile is not found again. */
  async function sendDue(): Promise<void> {
    let page: readonly KeyedRow[] = []
    let next = 0
    async function nextDue(): Promise<WaitingLetter | undefined> {
      if (closed) return undefined
      if (next >= page.length) {
        const { pk, range } = dueLetters(clock.now())
        const { rows } = await store.query(pk, { ...range, limit: PAGE_ROWS })
        page = rows
        next = 0
      }
      const row = page[next]
      next += 1
      return row && loadLetter(row)
    }
    async function sendInTurn(): Promise<void> {
      for (let letter = await nextDue(); letter !== undefined; letter = await nextDue()) {
        await deliver(letter)
      }
    }
    const ends = await Promise.allSettled(Array.from({ length: SENDING_MAX }, sendInTurn))
    for (const end of ends) {
      if (end.status === 'rejected') log.error({ err: end.reason }, 'letters could not be sent')
    }
  }

  function wake(): void {
    if (closed) return
    clearTimeout(timer)
    asked = true
    round ??= sendWhileAsked().finally(() => {
      round = undefined
      if (!closed) timer = setTimeout(wake, LOOK_PERIOD_MS).unref()
    })
  }

  async function sendWhileAsked(): Promise<void> {
    while (asked && !closed) {
      asked = false
      await sendDue()
    }
  }

  wake()
  return {
    wake,
    async close() {
      closed = true
      clearTimeout(timer)
      await round
    },
  }
}
