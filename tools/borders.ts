import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { cruise, type IForbiddenRuleType } from 'dependency-cruiser'

/** Who may import whom. Each rule is seen to refuse a planted offence in the test beside this. */
export const rules: readonly IForbiddenRuleType[] = [
  {
    name: 'no-cycles',
    comment: 'Two files that need each other are one file, or three.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'imports-resolve',
    comment: 'A path that leads nowhere hides every other offence behind it.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'contract-stands-alone',
    comment: 'The contract runs in browsers: no Node, no kit, no service, one dependency.',
    from: { path: '^contract/', pathNot: '\\.test\\.ts$' },
    to: { pathNot: '^(contract/|node_modules/typebox/)' },
  },
  {
    name: 'kit-knows-no-business',
    comment: 'What every service stands on knows none of them.',
    from: { path: '^kit/' },
    to: { path: '^(services|web|examples)/' },
  },
  {
    name: 'services-are-islands',
    comment: 'A service talks to another through the contract, never through an import.',
    from: { path: '^services/([^/]+)/' },
    to: { path: '^services/', pathNot: '^services/$1/' },
  },
  {
    name: 'topology-knows-the-services',
    comment:
      'Which services run here is said in one file; only commands, tests and measurements look inside too.',
    from: {
      pathNot: ['^services/[^/]+/', '^services/(?!main\\.ts)[^/]+\\.ts$', '^(tests|bench)/'],
    },
    to: { path: '^services/[^/]+/' },
  },
  {
    name: 'pages-and-examples-see-the-contract',
    comment: 'What a customer could have written knows what a customer can know.',
    from: { path: '^(web|examples)/', pathNot: '^examples/.*\\.test\\.ts$' },
    to: { path: '^(kit|services)/' },
  },
  {
    name: 'features-of-the-pages-are-islands',
    comment: 'A page needs none of its neighbours: each could be deleted.',
    from: { path: '^web/src/features/([^/]+)/' },
    to: { path: '^web/src/features/', pathNot: '^web/src/features/$1/' },
  },
  {
    name: 'addresses-know-the-features',
    comment: 'Which address is which page is said in one file.',
    from: { path: '^web/src/', pathNot: ['^web/src/features/', '^web/src/app\\.tsx$'] },
    to: { path: '^web/src/features/' },
  },
  {
    name: 'the-design-system-has-no-data',
    comment: 'What things look like, and how figures are written, is true whatever is shown.',
    from: { path: '^web/src/(ui|format)/' },
    to: { path: '^web/src/(?!(ui|format)/|messages\\.ts$)' },
  },
  {
    name: 'the-client-knows-no-page',
    comment: 'The way to the platform, and what ticks, are the same from every page.',
    from: { path: '^web/src/(client|live)/' },
    to: { path: '^web/src/(frame|features)/' },
  },
  {
    name: 'decisions-are-pure',
    comment: 'A decision reads nothing and writes nothing: money, refusals and other decisions.',
    from: { path: '/decide-[^/]+\\.ts$', pathNot: '\\.test\\.ts$' },
    to: {
      pathNot: ['^contract/(money|problem)\\.ts$', '/decide-[^/]+\\.ts$'],
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'adapters-stay-in-the-kit',
    comment: 'A technology that has a port is imported by the adapters of that port.',
    from: { path: '^(contract|services|web|examples|tools)/' },
    to: {
      path: [
        '^node:sqlite$',
        '(^|node_modules/)(@fastify|@redis|@aws-sdk)/',
        '(^|node_modules/)(pino|prom-client|undici|redis|ioredis)(/|$)',
      ],
    },
  },
  {
    name: 'the-product-ships-no-test-tool',
    comment: 'Only tests, the suites they run and their testing folders know the test runner.',
    from: {
      path: '^(contract|kit|services|web|examples)/',
      pathNot: ['(\\.test\\.tsx?|-conformance\\.ts)$', '/testing/'],
    },
    to: { path: ['(^|node_modules/)(vitest|fast-check)(/|$)', '-conformance\\.ts$', '/testing/'] },
  },
  {
    name: 'nothing-stands-on-tests',
    comment: 'Tests, tools and measurements are leaves: each could be deleted.',
    from: { path: '^([^/]+)/', pathNot: '^examples/.*\\.test\\.ts$' },
    to: {
      path: ['^(tests|tools|bench)/', '\\.test\\.tsx?$'],
      pathNot: '^$1/(?!.*\\.test\\.tsx?$)',
    },
  },
]

const FOLDERS = ['contract', 'kit', 'services', 'web', 'tests', 'tools', 'bench', 'examples']
const SOURCES = FOLDERS.map((folder) => `${folder}/**/*.{ts,tsx,mjs}`)

export type Borders = {
  /** Every source file that was followed. */
  readonly seen: readonly string[]
  /** One sentence for each import that a rule refuses. */
  readonly offences: readonly string[]
}

export async function borders(root: string): Promise<Borders> {
  const { output } = await cruise(
    FOLDERS.filter((folder) => existsSync(join(root, folder))),
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: [...rules] },
      tsPreCompilationDeps: true,
      detectProcessBuiltinModuleCalls: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '(^|/)dist/' },
    },
    { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  )
  if (typeof output === 'string') throw new Error(output)
  const followed = new Set(output.modules.map((module) => module.source))
  const sources = sourcesOf(root)
  const unseen = sources.filter((file) => !followed.has(file))
  return {
    seen: sources.filter((file) => followed.has(file)),
    offences: [
      ...unseen.map((file) => `every-file-is-seen: ${file} was not followed`),
      ...output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
    ],
  }
}

function sourcesOf(root: string): string[] {
  return globSync(SOURCES, { cwd: root, exclude: ['**/node_modules', '**/dist'] })
}

if (import.meta.main) {
  const { seen, offences } = await borders(process.cwd())
  for (const offence of offences) console.error(offence)
  console.log(`${seen.length} modules, ${offences.length} offences`)
  process.exitCode = offences.length === 0 && seen.length > 0 ? 0 : 1
}
