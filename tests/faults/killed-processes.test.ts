/** Processes are killed while customers trade: what was acknowledged is there, once, to the byte. */
import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { MOMENTS, runKillLoop } from './kill-loop.ts'

const KILLS = 30

describe.each([
  ['all services in one process', 'together'],
  ['a process for each service', 'apart'],
] as const)('%s, killed again and again', (_, topology) => {
  it(
    `loses and doubles nothing in ${KILLS} kills`,
    async () => {
      const seed = randomInt(2 ** 31)
      const told = await runKillLoop({ topology, kills: KILLS, seed })
      process.stdout.write(`kill loop ${topology}, seed ${seed}: ${JSON.stringify(told)}\n`)
      expect(told.acknowledged).toBeGreaterThan(KILLS * 10)
      expect(told.settled).toBeGreaterThan(0)
      expect(MOMENTS.filter((moment) => told.kills[moment] > 0).length).toBeGreaterThan(3)
    },
    KILLS * 20_000,
  )
})
