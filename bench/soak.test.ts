/** A short soak: what it asserts holds on any machine, and none of it is a time. */
import { expect, test } from 'vitest'
import { failuresOf, runSoak, SOAK_HEAD, type Soak, soakLine } from './soak.ts'

const MINUTES = 0.4

test.runIf(process.platform === 'linux')(
  'under a mixed load no request fails, the books are in order, and nothing leaks',
  async () => {
    const soak = await runSoak({ minutes: MINUTES, rate: 20, customers: 4, seed: 1 })
    process.stdout.write(`${SOAK_HEAD}\n${soak.minutes.map(soakLine).join('\n')}\n`)
    expect(failuresOf(soak)).toEqual([])
    expect(soak.minutes[0]?.answers).toBeGreaterThan(0)
    expect(soak.minutes[0]?.events).toBeGreaterThan(4)
  },
  240_000,
)

test('a soak fails where a book is broken, a request fails, or descriptors leak', () => {
  const minute = {
    ...{ minute: 2, answers: 1, p50Ms: 1, p99Ms: 1, maxMs: 1, events: 1, residentMegabytes: 1 },
    ...{ descriptors: 1, loopDelayP99Ms: 1, cpuShare: 1 },
  }
  const soak: Soak = {
    minutes: [
      { ...minute, statuses: { 200: 9, 201: 1, 500: 3 }, broken: undefined },
      { ...minute, statuses: { 200: 9 }, broken: 'L1' },
    ],
    memorySlope: 0,
    descriptors: { before: 20, after: 29 },
  }
  expect(failuresOf(soak)).toEqual([
    'minute 2: 3 answers of 500',
    'minute 2: L1',
    '9 descriptors were not given back',
  ])
})
