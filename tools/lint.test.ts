import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const BIOME = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')

/** What a decision may not reach for. */
const IMPURE: Readonly<Record<string, string>> = {
  Date: 'Date.now()',
  performance: 'performance.now()',
  crypto: 'crypto.randomUUID()',
  Math: 'Math.random()',
  Number: "Number('1')",
  parseFloat: "parseFloat('1')",
  parseInt: "parseInt('1', 10)",
  fetch: "fetch('/')",
  process: 'process.uptime()',
  setTimeout: 'setTimeout(() => {}, 1)',
  setInterval: 'setInterval(() => {}, 1)',
  setImmediate: 'setImmediate(() => {})',
  queueMicrotask: 'queueMicrotask(() => {})',
  globalThis: "globalThis['Date']",
}

const OFFENCES: readonly (readonly [rule: string, file: string, code: string])[] = [
  ...Object.entries(IMPURE).map(
    ([name, code]) =>
      [
        'style/noRestrictedGlobals',
        `services/order/decide-${name.toLowerCase()}.ts`,
        `export const a = () => ${code}`,
      ] as const,
  ),
  ['style/noRestrictedGlobals', 'contract/money.ts', "export const a = Number('1')"],
  ['style/noProcessEnv', 'kit/env.ts', "export const a = process.env['PORT']"],
  ['style/noProcessEnv', 'tests/env.ts', "export const a = process.env['PORT']"],
  ['style/noDefaultExport', 'kit/default.ts', 'export default 1'],
  ['style/noEnum', 'kit/enum.ts', 'export enum A { B }'],
  ['style/noNonNullAssertion', 'kit/sure.ts', 'export const a = (b?: string) => b!.length'],
  ['style/noParameterAssign', 'kit/assign.ts', 'export const a = (b: string) => { b = b.trim() }'],
  ['style/useFilenamingConvention', 'kit/camelCase.ts', 'export const a = 1'],
  [
    'style/useImportType',
    'kit/type.ts',
    "import { A } from './a.ts'\nexport const b = (c: A) => c",
  ],
  ['style/useNodejsImportProtocol', 'kit/node.ts', "import { join } from 'path'\njoin()"],
  ['style/useThrowOnlyError', 'kit/throw.ts', "export const a = () => { throw 'text' }"],
  ['style/noExcessiveLinesPerFile', 'kit/long.ts', 'export const a = 1\n'.repeat(301)],
  [
    'complexity/noExcessiveLinesPerFunction',
    'kit/long-function.ts',
    `export function a() {\n${'  b()\n'.repeat(61)}}`,
  ],
  [
    'complexity/noExcessiveCognitiveComplexity',
    'kit/nested.ts',
    `export function a(b: number) {\n${'if (b) {\n'.repeat(5)}${'}\n'.repeat(5)}}`,
  ],
  ['complexity/useMaxParams', 'kit/many.ts', 'export const a = (b, c, d, e, f) => [b, c, d, e, f]'],
  ['complexity/noForEach', 'kit/each.ts', 'export const a = (b: string[]) => b.forEach((c) => c)'],
  ['correctness/noUnusedVariables', 'kit/unused.ts', 'const a = 1\nexport {}'],
  ['correctness/noUnusedImports', 'kit/unused-import.ts', "import { a } from './a.ts'\nexport {}"],
  ['correctness/useImportExtensions', 'kit/extension.ts', "import { a } from './a'\na()"],
  ['correctness/noUndeclaredDependencies', 'kit/undeclared.ts', "import a from 'left-pad'\na()"],
  ['performance/noBarrelFile', 'kit/index.ts', "export { a } from './a.ts'"],
  ['performance/noReExportAll', 'kit/all.ts', "export * from './a.ts'"],
  ['performance/noNamespaceImport', 'kit/star.ts', "import * as a from './a.ts'\na.b()"],
  [
    'nursery/noFloatingPromises',
    'kit/floating.ts',
    'async function a() {}\nexport const b = () => { a() }',
  ],
  ['suspicious/noConsole', 'kit/console.ts', "console.log('here')"],
  ['suspicious/noExplicitAny', 'kit/any.ts', 'export const a = (b: any) => b'],
  [
    'suspicious/noImportCycles',
    'kit/one.ts',
    "import { b } from './two.ts'\nexport const a = () => b",
  ],
  [
    'suspicious/noImportCycles',
    'kit/two.ts',
    "import { a } from './one.ts'\nexport const b = () => a",
  ],
  [
    'suspicious/noFocusedTests',
    'kit/only.test.ts',
    "import { test } from 'vitest'\ntest.only('a', () => {})",
  ],
  [
    'suspicious/noSkippedTests',
    'kit/skip.test.ts',
    "import { test } from 'vitest'\ntest.skip('a', () => {})",
  ],
]

const LAWFUL: Readonly<Record<string, string>> = {
  'kit/a.ts': 'export type A = string\nexport const a = (): number => 1\n',
  'kit/config.ts': "export const port = process.env['PORT']\n",
  'services/order/decide-order.ts': 'export const decide = (at: bigint): bigint => at + 1n\n',
  'services/order/decide-order.test.ts':
    "import { expect, test } from 'vitest'\n\ntest('it is later', () => expect(Date.now()).toBeGreaterThan(Number('1')))\n",
  'vitest.config.ts': 'export default {}\n',
}

type Diagnostic = {
  readonly severity: string
  readonly category: string
  readonly location: { readonly path: string }
}

let found: readonly string[]

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'lint-'))
  try {
    await cp(join(ROOT, 'biome.json'), join(root, 'biome.json'))
    const files = Object.fromEntries(OFFENCES.map(([, file, code]) => [file, code]))
    const packages = { 'package.json': '{}', 'kit/package.json': '{}', '.gitignore': 'dist/\n' }
    for (const [path, text] of Object.entries({ ...files, ...LAWFUL, ...packages })) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    const args = [BIOME, 'lint', '--reporter=json', '--max-diagnostics=none']
    const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly Diagnostic[] }
    found = diagnostics.map(
      ({ severity, category, location }) => `${severity} ${category} ${location.path}`,
    )
  } finally {
    await rm(root, { recursive: true })
  }
})

test.each(OFFENCES)('%s is found in %s', (rule, file) => {
  // Lengths are there to be looked at; everything else fails the check.
  const severity = rule.includes('noExcessiveLines') ? 'warning' : 'error'
  expect(found).toContain(`${severity} lint/${rule} ${file}`)
})

test.each(Object.keys(LAWFUL))('nothing is found in %s', (file) => {
  expect(found.filter((line) => line.endsWith(` ${file}`))).toEqual([])
})
