/**
 * Long runs: one attempt for each number, on from where the last run ended. What is known of it is in
 * `coverage/`, which is no part of the project: how far it came, at which commit, and what it met.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { addTo, described, tooRare } from './coverage.ts'

const ROOT = join(import.meta.dirname, '../..')
const FOLDER = join(ROOT, 'coverage')
const SAVE_EVERY = 100

export type Programme = {
  readonly name: string
  readonly seeds: number
  /** What does not hold, if anything; counts what it meets. */
  readonly attempt: (number: number, reached: Map<string, number>) => Promise<readonly string[]>
  /** Of each thing to be met, how often in a thousand attempts at least. */
  readonly perThousand: Readonly<Record<string, number>>
}

type State = {
  commit: string
  next: number
  reached: Record<string, number>
}

/**
 * `--seeds 1000000` says up to which number, `--minutes 20` for how long at most, `--seed 7` that one
 * alone. Another commit begins anew.
 */
export async function runProgramme(programme: Programme): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: String(programme.seeds) },
      minutes: { type: 'string', default: '60' },
      seed: { type: 'string' },
    },
  })
  const failed =
    values.seed === undefined
      ? await runOn(programme, Number(values.seeds), Number(values.minutes) * 60_000)
      : await programme.attempt(Number(values.seed), new Map())
  for (const what of failed) process.stderr.write(`${what}\n`)
  process.exitCode = failed.length === 0 ? 0 : 1
}

async function runOn(programme: Programme, last: number, msMax: number): Promise<string[]> {
  const { name, attempt, perThousand } = programme
  const state = stateOf(name)
  const reached = new Map(Object.entries(state.reached))
  const untilMs = Date.now() + msMax
  let failed: readonly string[] = []
  const save = (): void => keep(name, { ...state, reached: Object.fromEntries(reached) })
  while (state.next <= last && failed.length === 0 && Date.now() < untilMs) {
    const met = new Map<string, number>()
    failed = await attempt(state.next, met).catch((thrown: unknown) => [String(thrown)])
    if (failed.length > 0) break
    addTo(reached, met)
    state.next += 1
    if (state.next % SAVE_EVERY === 0) save()
  }
  save()
  const done = state.next - 1
  const bound = done > 0 ? (3 / done).toExponential(1) : '1'
  process.stdout.write(`${described(reached)}\n`)
  process.stdout.write(`${name}: seeds 1 to ${done} at ${state.commit} hold, rate below ${bound}\n`)
  if (failed.length > 0) return failed.map((what) => `${name} --seed ${state.next}: ${what}`)
  const thousands = Math.floor(done / 1_000)
  const floors = Object.entries(perThousand).map(([what, least]) => [what, least * thousands])
  return tooRare(reached, Object.fromEntries(floors))
}

const fileOf = (name: string): string => join(FOLDER, `${name}.json`)

function stateOf(name: string): State {
  const commit = commitNow()
  const fresh = { commit, next: 1, reached: {} }
  try {
    const state = JSON.parse(readFileSync(fileOf(name), 'utf8')) as State
    return state.commit === commit ? state : fresh
  } catch {
    return fresh
  }
}

function keep(name: string, state: State): void {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(`${fileOf(name)}.new`, JSON.stringify(state))
  renameSync(`${fileOf(name)}.new`, fileOf(name))
}

/** A tree without a history has no commits to tell apart. */
function commitNow(): string {
  try {
    const said = execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: ROOT,
      stdio: 'pipe',
    })
    return said.toString().trim()
  } catch {
    return 'no commit'
  }
}
