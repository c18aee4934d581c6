/**
 * `npm run power-cuts -- --cuts 5000 --seed 1`: traces a ledger and cuts its power, a hundred times
 * for each seed. Goes on where it was with the seed that it names last.
 */
import { parseArgs } from 'node:util'
import { cutPower, traceLedger } from './cut-power.ts'

const CUTS_PER_SEED = 100

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    commands: { type: 'string', default: '100' },
  },
})
const steps = await traceLedger('full', Number(values.commands))
process.stdout.write(`${steps.length} steps are traced\n`)
let done = 0
for (let seed = Number(values.seed); done < Number(values.cuts); seed += 1) {
  const cuts = await cutPower(steps, { cuts: CUTS_PER_SEED, seed })
  const harmed = cuts.filter(({ lost, broken }) => lost.length > 0 || broken !== undefined)
  if (harmed.length > 0) throw new Error(`seed ${seed}: ${JSON.stringify(harmed)}`)
  done += cuts.length
  process.stdout.write(`${done} cuts, 0 lost, 0 broken; goes on with --seed ${seed + 1}\n`)
}
