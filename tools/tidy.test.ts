import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rules } from './tidy.ts'
import { readTree, type Tree } from './tree.ts'

const ROOT = join(import.meta.dirname, '..')

const json = JSON.stringify

const LAWFUL: Readonly<Record<string, string>> = {
  'README.md': [
    'Run `npm start`, or `npm run check`, with `PORT_RANGE` or `HOST=::1`; see [how](docs/how.md#it).',
    'The ledger is `services/order/`, its rules `services/**/decide-*.ts`, money `money.ts`,',
    'or `@cnop/contract/money.ts`; data goes to `./data`, and `/api/v1/orders` is served.',
    'The limit is `ORDERS_MAX`; a decision is `decide-<noun>.ts`.',
    '```',
    'TOKEN=$(curl http://127.0.0.1/token) npm test',
    'curl $TOKEN',
    '```',
  ].join('\n'),
  'docs/how.md': 'See [the readme](../README.md).',
  'docs/adr/0001-one.md': '# One\n## Situation\n## Decision\n## Price\n## When to think again\n',
  'docs/picture.svg': '',
  '.env.example': '# HOST=127.0.0.1\n# PORT_RANGE=\n',
  '.ci/run': 'npm test\n',
  LICENSE: '',
  'package.json': json({
    scripts: {
      start: 'node tools/bootstrap.mjs services/main.ts',
      test: 'node tools/bootstrap.mjs node_modules/vitest/vitest.mjs run',
      check: 'node tools/bootstrap.mjs tools/check.ts',
    },
    devDependencies: { left: '1.0.0', '@cnop/contract': '0.1.0' },
  }),
  'kit/package.json': json({ dependencies: { right: '2.0.0-beta.1', both: '1.0.0' } }),
  'package-lock.json': json({
    packages: {
      'node_modules/left': { optionalDependencies: { 'left-for-windows': '1.0.0' } },
      'node_modules/left-for-windows': {},
    },
  }),
  'CONTRIBUTING.md': '- `left`: turns left\n- `right`, `both`: turn right\n',
  'services/main.ts': '',
  'tools/check.ts': '',
  'contract/money.ts': 'export const ORDERS_MAX = 1',
  'services/auth/common-passwords.ts': '// What this holds is common.',
  'services/order/decide-order.ts': '',
  'services/order/decide-order.test.ts': "test('an order is decided', () => {})",
}

const FOUR = LAWFUL['docs/adr/0001-one.md'] ?? ''

/** For each rule, a change to the lawful tree, and the sentence it must lead to. */
const OFFENCES: readonly (readonly [rule: string, file: string, text: string, said: string])[] = [
  ['pathsThatLeadNowhere', 'README.md', 'in `gone.ts`', 'README.md: there is no gone.ts'],
  ['pathsThatLeadNowhere', 'SECURITY.md', '`kit/gone/`', 'SECURITY.md: there is no kit/gone/'],
  ['pathsThatLeadNowhere', 'README.md', '`kit/**/x-*.ts`', 'README.md: there is no kit/**/x-*.ts'],
  ['pathsThatLeadNowhere', 'docs/how.md', '[x](gone.md)', 'docs/how.md: there is no docs/gone.md'],
  [
    'pathsThatLeadNowhere',
    'README.md',
    '```\nservices/gone  what was there\n```',
    'README.md: there is no services/gone',
  ],
  [
    'scriptsThatDoNotExist',
    'docs/how.md',
    '`npm run gone`',
    'docs/how.md: there is no script gone',
  ],
  [
    'scriptsThatDoNotExist',
    'package.json',
    '{"scripts":{}}',
    'README.md: there is no script start',
  ],
  [
    'variablesThatDoNotExist',
    'docs/how.md',
    'set `GONE_AWAY`',
    'docs/how.md: there is no variable GONE_AWAY',
  ],
  [
    'variablesThatDoNotExist',
    'README.md',
    '```\nGONE=1 npm start\n```',
    'README.md: there is no variable GONE',
  ],
  ['variablesThatDoNotExist', '.env.example', '', 'README.md: there is no variable HOST'],
  ['aLongReadme', 'README.md', 'line\n'.repeat(81), 'README.md: 81 lines, at most 80'],
  [
    'decisionsOutOfForm',
    'docs/adr/0002-two.md',
    FOUR.replace('## Price\n', ''),
    'docs/adr/0002-two.md: its headings are not Situation, Decision, Price, When to think again',
  ],
  ['decisionsOutOfForm', 'docs/adr/two.md', FOUR, 'docs/adr/two.md: is not 0000-title.md'],
  [
    'decisionsOutOfForm',
    'docs/adr/0001-other.md',
    FOUR,
    'docs/adr/0001-other.md: its number is taken',
  ],
  ...[
    'utils',
    'order-helpers',
    'common',
    'shared',
    'core',
    'lib',
    'order-manager',
    'base-store',
  ].map(
    (stem) =>
      [
        'vagueNames',
        `kit/${stem}.ts`,
        '',
        `kit/${stem}.ts: "${stem}" says nothing about what is inside`,
      ] as const,
  ),
  [
    'vagueNames',
    'kit/common/picture.png',
    '',
    'kit/common/picture.png: "common" says nothing about what is inside',
  ],
  ['namesThatAreNotKebabCase', 'kit/aB.ts', '', 'kit/aB.ts: names are kebab-case'],
  ['namesThatAreNotKebabCase', 'docs/a_b/c.md', '', 'docs/a_b/c.md: names are kebab-case'],
  [
    'unfinishedWords',
    'kit/a.ts',
    '// TODO later',
    'kit/a.ts:1: "TODO" says that something is unfinished',
  ],
  [
    'unfinishedWords',
    'kit/a.ts',
    '\n// FIXME',
    'kit/a.ts:2: "FIXME" says that something is unfinished',
  ],
  [
    'unfinishedWords',
    'kit/a.ts',
    '// For now',
    'kit/a.ts:1: "For now" says that something is unfinished',
  ],
  ...['it.only', 'test.skip', 'describe.only', 'test.todo'].map(
    (call) =>
      [
        'narrowedTests',
        'kit/a.test.ts',
        `${call}('a')`,
        `kit/a.test.ts:1: "${call}" keeps tests from running`,
      ] as const,
  ),
  [
    'machinePaths',
    'docs/how.md',
    'as ../shared/x says',
    'docs/how.md:1: "../shared" is true on one machine only',
  ],
  ['machinePaths', 'kit/a.ts', "'/home/me/x'", 'kit/a.ts:1: "/home/m" is true on one machine only'],
  [
    'machinePaths',
    'kit/a.test.ts',
    "'/tmp/x'",
    'kit/a.test.ts:1: "/tmp/x" is true on one machine only',
  ],
  [
    'versionsThatFloat',
    'kit/package.json',
    json({ dependencies: { left: '^1.0.0' } }),
    'kit/package.json: left floats at "^1.0.0"',
  ],
  [
    'dependenciesWithoutReason',
    'kit/package.json',
    json({ dependencies: { up: '1.0.0' } }),
    'CONTRIBUTING.md: up has no line that gives its reason',
  ],
  [
    'dependenciesWithoutReason',
    'CONTRIBUTING.md',
    '- `gone`: went',
    'CONTRIBUTING.md: gone is explained and nowhere used',
  ],
  [
    'lockfilesOfOnePlatform',
    'runtime/package-lock.json',
    json({ packages: { '': { optionalDependencies: { node: '1.0.0' } } } }),
    'runtime/package-lock.json: node is missing, so other platforms cannot install',
  ],
  ...['node services/main.ts', 'node tools/bootstrap.mjs services/gone.ts'].map(
    (command) =>
      [
        'scriptsThatRunNothing',
        'package.json',
        json({ scripts: { start: command } }),
        `package.json: the script start runs "${command}"`,
      ] as const,
  ),
]

const offencesIn = (tree: Tree) =>
  rules.flatMap((rule) => rule(tree).map((said) => `${rule.name}: ${said}`))

test('the real tree is tidy, and all of it was read', () => {
  const tree = readTree(ROOT)
  expect(offencesIn(tree)).toEqual([])
  expect([...tree.keys()]).toEqual(expect.arrayContaining(['.ci/run', 'package-lock.json']))
  expect([...tree.keys()].filter((path) => path.includes('node_modules'))).toEqual([])
})

test('a lawful tree is not refused', () => {
  expect(offencesIn(new Map(Object.entries(LAWFUL)))).toEqual([])
})

const planted = OFFENCES.map(([rule, file, text, said]) => ({ rule, file, text, said }))

test.each(planted)('$rule: $said', ({ rule, file, text, said }) => {
  const tree = new Map(Object.entries({ ...LAWFUL, [file]: text }))
  expect(offencesIn(tree)).toContain(`${rule}: ${said}`)
})

test('every rule has been seen to refuse', () => {
  const refused = new Set(OFFENCES.map(([rule]) => rule))
  expect([...refused]).toEqual(rules.map((rule) => rule.name))
})
