/**
 * `npm run kill-loop -- --kills 1000 --seed 1`: kills processes of platforms of its own, a platform
 * for each seed and fifty kills, in one process and in many by turns. Goes on where it was with the
 * seed that it names last.
 */
import { parseArgs } from 'node:util'
import { MOMENTS, runKillLoop, type Topology } from './kill-loop.ts'

const KILLS_PER_SEED = 50

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    topology: { type: 'string' },
  },
})

const topologyOf = (seed: number): Topology => {
  if (values.topology === 'together' || values.topology === 'apart') return values.topology
  return seed % 2 === 0 ? 'together' : 'apart'
}

const total = { kills: 0, acknowledged: 0, settled: 0, events: 0 }
for (let seed = Number(values.seed); total.kills < Number(values.kills); seed += 1) {
  const kills = Math.min(KILLS_PER_SEED, Number(values.kills) - total.kills)
  const topology = topologyOf(seed)
  process.stdout.write(`seed ${seed}, ${topology}: `)
  const told = await runKillLoop({ topology, kills, seed })
  const sum = MOMENTS.reduce((count, moment) => count + told.kills[moment], 0)
  total.kills += sum
  total.acknowledged += told.acknowledged
  total.settled += told.settled
  total.events += told.events
  process.stdout.write(
    `${MOMENTS.map((moment) => `${told.kills[moment]} ${moment}`).join(', ')}; 0 lost; ` +
      `so far ${JSON.stringify(total)}; goes on with --seed ${seed + 1}\n`,
  )
}
