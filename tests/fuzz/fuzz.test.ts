/** A minute of requests of every kind, drawn from the platform’s own description. */
import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf } from '../audits.ts'
import { ALL_ROUTES } from '../rightful-requests.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'
import { type Fuzzed, printed, runFuzz, UNLIMITED, uncovered } from './run-fuzz.ts'

const SECONDS = 60
const REQUESTS_MIN = 2_000

/** No order stays open in this build, so none can be cancelled. */
const NEVER_DONE = ['cancelOrder']
/** It takes no input and asks nobody who they are. */
const NEVER_REFUSED = ['getCapabilities', 'tokenKeys']

const seed = randomInt(2 ** 31)
let platform: RunningPlatform
let fuzzed: Fuzzed

beforeAll(
  async () => {
    platform = await startTogether({ env: UNLIMITED })
    fuzzed = await runFuzz(platform, { seconds: SECONDS, seed })
    process.stdout.write(`fuzz, seed ${seed}: ${printed(fuzzed)}\n`)
  },
  2 * SECONDS * 1000,
)
afterAll(() => platform?.stop())

describe(`after ${SECONDS} seconds of requests drawn with seed ${seed}`, () => {
  it('every answer was one that the description promises', () => {
    expect(fuzzed.failure).toBeUndefined()
  })

  it('nothing went wrong that the log would tell', () => {
    expect(platform.said()).not.toMatch(/"level":"(error|fatal)"/)
  })

  it('every operation was asked, answered and refused', () => {
    expect(fuzzed.requests).toBeGreaterThan(REQUESTS_MIN)
    const operations = ALL_ROUTES.map(({ name }) => ({ id: name }))
    const { neverDone, neverRefused } = uncovered(operations, fuzzed)
    expect(neverDone).toEqual(NEVER_DONE)
    expect(neverRefused.toSorted()).toEqual(NEVER_REFUSED.toSorted())
  })

  it('every book is in order', async () => {
    expect(await auditOf(platform.dataDir)).toMatchObject({ clean: true })
  })
})
