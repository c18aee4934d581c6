/**
 * `npm run mutation`: changes decisions, money and commit one place at a time, and says which changes
 * no test notices. `npm run mutation -- contract/money.ts` changes that file alone.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'

/** What decides, reckons and commits: a mistake here is wrong money. */
const MUTATED = [
  'contract/money.ts',
  'kit/store/commit-decision.ts',
  'services/order/**/decide-*.ts',
  'services/order/ledger/{commit-command,post-change}.ts',
  'services/order/orders/order-states.ts',
  '!**/*.test.ts',
]
const KILLED_PERCENT_MIN = 90

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { concurrency: { type: 'string', default: '1' } },
})

const mutants = await new Stryker({
  mutate: positionals.length > 0 ? positionals : MUTATED,
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'tests/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: Number(values.concurrency),
  ignorePatterns: ['/web', '/docs', '/bench', '/examples', '/data', '/runtime'],
  tempDirName: join(tmpdir(), 'cnop-mutation'),
  timeoutMS: 3_000,
  timeoutFactor: 1,
  reporters: ['progress-append-only', 'clear-text'],
  clearTextReporter: { logTests: false, reportTests: false, allowEmojis: false },
  thresholds: { high: 100, low: KILLED_PERCENT_MIN, break: null },
  allowConsoleColors: false,
}).runMutationTest()

const of = (...statuses: string[]): number =>
  mutants.filter(({ status }) => statuses.includes(status)).length
const killed = of('Killed', 'Timeout')
const alive = of('Survived', 'NoCoverage')
const percent = (100 * killed) / (killed + alive)
process.stdout.write(`${killed} of ${killed + alive} killed, ${percent.toFixed(1)} %\n`)
process.exitCode = percent >= KILLED_PERCENT_MIN ? 0 : 1
