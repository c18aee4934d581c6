/**
 * `npm run lighthouse [-- --runs 5 --only /markets]`: what Lighthouse says of each public page, on a
 * desk and on a phone, as the median of the runs, and bench/lighthouse/results.json with each of them.
 * The pages are those that `npm start` serves, from a platform of its own; Chromium is the host's.
 */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { isBuilt } from '../../web/build-state.ts'
import { median } from '../measure.ts'
import { startPlatform } from '../platform.ts'

const PATHS = ['/', '/markets', '/assets/BTC', '/login', '/register']
const SCREENS = ['desktop', 'mobile'] as const
type Screen = (typeof SCREENS)[number]

const SCORES = ['performance', 'accessibility', 'best-practices', 'seo'] as const
const METRICS = [
  'largest-contentful-paint',
  'cumulative-layout-shift',
  'total-blocking-time',
] as const
const SCORES_MIN: Readonly<Record<Screen, readonly number[]>> = {
  desktop: [95, 100, 100, 100],
  mobile: [90, 100, 100, 100],
}

/** A stream that stays open would keep the page from ever being quiet, and blocking time from an end. */
const STREAM = '*/api/v1/stream*'

type Report = {
  readonly categories: Readonly<Record<string, { readonly score: number | null }>>
  readonly audits: Readonly<
    Record<string, { readonly score: number | null; readonly numericValue?: number }>
  >
}

type Run = {
  readonly scores: readonly number[]
  readonly metrics: readonly number[]
  /** What is not as it should be, beside speed. */
  readonly failed: readonly string[]
}

const CLI = join(import.meta.dirname, 'node_modules/lighthouse/cli/index.js')

/** Npm's record of what it put there is as young as the lockfile, or all of it is put there anew. */
function install(): void {
  const [wanted, present] = ['package-lock.json', 'node_modules/.package-lock.json'].map(
    (file) => statSync(join(import.meta.dirname, file), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  )
  if (existsSync(CLI) && (present ?? 0) >= (wanted ?? 0)) return
  process.stderr.write('Installing Lighthouse …\n')
  finish('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], import.meta.dirname)
}

function buildPages(): void {
  if (isBuilt()) return
  process.stderr.write('Building the pages …\n')
  finish(process.execPath, ['web/build.ts'], process.cwd())
}

function finish(command: string, args: readonly string[], cwd: string): void {
  const shell = process.platform === 'win32'
  const { status } = spawnSync(command, args, { cwd, shell, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}`)
}

async function lookAt(url: string, screen: Screen): Promise<Run> {
  // The door is never asked for the first time, and a page is written before anybody looks.
  await fetch(url, { headers: { accept: 'text/html' } }).then((answer) => answer.text())
  const flags = ['--headless=new', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      CLI,
      url,
      '--output=json',
      '--quiet',
      '--no-enable-error-reporting',
      `--only-categories=${SCORES.join()}`,
      `--blocked-url-patterns=${STREAM}`,
      `--chrome-flags=${flags.join(' ')}`,
      ...(screen === 'desktop' ? ['--preset=desktop'] : []),
    ],
    { maxBuffer: 64 * 2 ** 20 },
  )
  const { categories, audits } = JSON.parse(stdout) as Report
  const refs = Object.entries(audits).filter(([, { score }]) => score !== null && score < 1)
  return {
    scores: SCORES.map((name) => Math.round((categories[name]?.score ?? Number.NaN) * 100)),
    metrics: METRICS.map((name) => audits[name]?.numericValue ?? Number.NaN),
    failed: refs.map(([id]) => id),
  }
}

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, only: { type: 'string' } },
})

install()
buildPages()
const platform = await startPlatform()
const pages: { path: string; screen: Screen; runs: Run[] }[] = PATHS.filter(
  (path) => values.only === undefined || values.only === path,
).flatMap((path) => SCREENS.map((screen) => ({ path, screen, runs: [] })))
try {
  // Each page once, then each again: a machine that is busy for a minute spoils one run of each.
  for (let round = 0; round < Number(values.runs); round += 1)
    for (const { path, screen, runs } of pages)
      runs.push(await lookAt(`${platform.url}${path}`, screen))
} finally {
  await platform.stop()
}

const rows = pages.map(({ path, screen, runs }) => {
  const of = (name: 'scores' | 'metrics', index: number) =>
    median(runs.map((run) => run[name][index] ?? Number.NaN))
  const scores = SCORES.map((_, index) => of('scores', index))
  const [paint, shift, blocked] = METRICS.map((_, index) => of('metrics', index))
  const reached = scores.every((score, index) => score >= (SCORES_MIN[screen][index] ?? 100))
  const failed = [...new Set(runs.flatMap((run) => run.failed))]
  return { path, screen, scores, paint, shift, blocked, reached, failed }
})
const machine = `${cpus()[0]?.model} x ${cpus().length}`
const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'node_modules/lighthouse/package.json'), 'utf8'),
) as { version: string }
process.stdout.write(
  [
    `Lighthouse ${version}, ${values.runs} runs, ${machine}`,
    '',
    '| page | screen | performance | accessibility | best practices | SEO | largest paint | shift | blocked | |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...rows.map(
      ({ path, screen, scores, paint, shift, blocked, reached }) =>
        `| ${path} | ${screen} | ${scores.join(' | ')} | ${paint?.toFixed(0)} ms | ${shift?.toFixed(3)} | ${blocked?.toFixed(0)} ms | ${reached ? 'reached' : 'NOT REACHED'} |`,
    ),
    '',
  ].join('\n'),
)
writeFileSync(
  join(import.meta.dirname, 'results.json'),
  `${JSON.stringify({ version, machine, rows, pages }, null, 2)}\n`,
)
process.exitCode = rows.every(({ reached }) => reached) ? 0 : 1
