import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JournalEvent } from '../ledger/journal-rows.ts'
import { loadStoredEvent, parseEvent } from '../ledger/journal-rows.ts'
import { live } from '../testing/random-history.ts'
import { ALICE, rowsOf } from '../testing/stored-rows.ts'
import { createTestLedger } from '../testing/test-ledger.ts'
import { replayJournal } from './replay-journal.ts'

const DRAWS = fc.array(fc.nat({ max: 2 ** 30 }), { minLength: 20, maxLength: 60 })

it('replaying a journal gives every row of the account but its refusals, every column', async () => {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(DRAWS, fc.nat(40), async (draws, feeBasisPoints) => {
      const ledger = createTestLedger({ rules: { feeBasisPoints: BigInt(feeBasisPoints) } })
      await live(ledger, [0, ...draws])
      const stored = await rowsOf(ledger.store)
      const events: { event: JournalEvent; bytes: string; hash: string }[] = []
      for (const [sk, row] of stored) {
        if (!sk.startsWith('E#')) continue
        const event = parseEvent(loadStoredEvent(row).bytes)
        events.push({ event, ...loadStoredEvent(row) })
        seen.set(event.type, (seen.get(event.type) ?? 0) + 1)
      }
      const told = [...stored].filter(([, row]) => row['body'] === undefined)
      const rebuilt = replayJournal(ALICE, events)
      expect(new Map([...rebuilt].sort())).toEqual(new Map(told.sort()))
    }),
    { numRuns: 60 },
  )
  // Every kind of event was met, and often enough to mean something.
  for (const type of [
    'cash-deposited',
    'cash-withdrawn',
    'order-placed',
    'order-filled',
    'order-cancelled',
    'balance-adjusted',
    'account-status-set',
  ]) {
    expect(seen.get(type) ?? 0, type).toBeGreaterThan(10)
  }
})
