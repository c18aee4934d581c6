/**
 * `npm run planted`: plants each known mistake in the product and hunts it within its budget; without
 * a mistake nothing may be found. `npm run planted -- --only "a key is forgotten"` hunts that one.
 */
import { parseArgs } from 'node:util'
import { HUNTS, type Hunt } from './mistakes.ts'
import { loadWith, type Mistake } from './plant-mistake.ts'

type Simulation = typeof import('./simulation.ts')
type Model = typeof import('./model-history.ts')

const CONTROL: Omit<Hunt, 'by'> = { name: 'no mistake', within: 50, changes: [] }

/** What must make this command itself fail: one that changes nothing, and one that finds no place. */
const TRIALS: readonly Hunt[] = [
  ['harmless', "throw new Error('No process runs')"],
  ['gone', 'this text is nowhere'],
].map(([name = '', from = '']) => ({
  name,
  by: 'simulation',
  within: 1,
  changes: [{ file: 'tests/faults/simulation.ts', from, to: from }],
}))

const isNamed =
  (name: string) =>
  (one: Hunt): boolean =>
    one.name === name

/** What the programme says at the first try that fails; `undefined` when none does. */
type Try = (number: number) => Promise<string | undefined>

async function simulation(mistake: Mistake): Promise<Try> {
  const { simulate } = await loadWith<Simulation>(mistake, 'tests/faults/simulation.ts')
  return async (number) => (await simulate(number)).broken[0]
}

async function model(mistake: Mistake): Promise<Try> {
  const { playHistory } = await loadWith<Model>(mistake, 'tests/faults/model-history.ts')
  return async (number) => {
    await playHistory(number, new Map())
    return undefined
  }
}

const PROGRAMMES = { simulation, model } as const

async function hunt({ by, within, ...mistake }: Hunt): Promise<string | undefined> {
  const attempt = await PROGRAMMES[by](mistake)
  for (let number = 1; number <= within; number += 1) {
    const found = await attempt(number).catch(String)
    if (found !== undefined) return `${by} ${number}: ${found.slice(0, 200)}`
  }
  return undefined
}

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const controls = (['simulation', 'model'] as const).map((by) => ({ ...CONTROL, by }))
const all = [...controls, ...HUNTS]
const hunts = values.only === undefined ? all : [...all, ...TRIALS].filter(isNamed(values.only))
let failed = hunts.length === 0 ? 1 : 0
for (const one of hunts) {
  const found = await hunt(one)
  const ok = (found !== undefined) === one.changes.length > 0
  if (!ok) failed += 1
  const said = found ?? `nothing found in ${one.within} tries of the ${one.by}`
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${one.name}: ${said}\n`)
}
process.stdout.write(`${hunts.length - failed} of ${hunts.length} as they should be\n`)
process.exitCode = failed === 0 ? 0 : 1
