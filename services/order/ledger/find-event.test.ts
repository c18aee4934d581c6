import { expect, test } from 'vitest'
import { countingReads } from '../testing/counting-store.ts'
import { createSamplePlatform } from '../testing/sample-account.ts'
import { countEventsBefore } from './find-event.ts'

const START = '2026-03-01T00:00:00.000Z'
const START_MS = Date.parse(START)

/** A journal with one event for each of the times, which do not fall. */
async function journalAt(timesMs: readonly number[]) {
  const platform = createSamplePlatform({ at: START })
  const account = platform.account('ada')
  for (const timeMs of timesMs) {
    platform.setTime(new Date(timeMs).toISOString())
    await account.deposit('1')
  }
  return platform.store
}

test.each([0, 1, 2, 31, 32, 33, 200])(
  'the events before any moment are counted in a journal of %i events',
  async (events) => {
    // Two events a second: every second moment lies on a pair of them.
    const timesMs = Array.from({ length: events }, (_, index) => START_MS + 1_000 * (index >> 1))
    const store = await journalAt(timesMs)
    for (let timeMs = START_MS - 500; timeMs <= START_MS + 500 * (events + 2); timeMs += 500) {
      const counted = await countEventsBefore({
        store,
        userId: 'ada',
        seqMax: BigInt(events),
        timeMs,
      })
      expect(counted).toBe(BigInt(timesMs.filter((eventMs) => eventMs < timeMs).length))
    }
  },
)

test('a moment in a thousand events is found in two reads', async () => {
  const times = Array.from({ length: 1_000 }, (_, index) => START_MS + index)
  const { store, reads } = countingReads(await journalAt(times))
  const timeMs = START_MS + 619
  expect(await countEventsBefore({ store, userId: 'ada', seqMax: 1_000n, timeMs })).toBe(619n)
  expect(reads()).toBe(2)
})

test('a journal with a hole is not searched past it', async () => {
  const store = await journalAt([START_MS])
  const search = { store, userId: 'ada', seqMax: 2n, timeMs: START_MS + 1 }
  await expect(countEventsBefore(search)).rejects.toThrow('event 2 is missing')
})
