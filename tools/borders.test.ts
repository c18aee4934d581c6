import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { borders, rules } from './borders.ts'

const ROOT = join(import.meta.dirname, '..')

/** A small tree of the same shape as the real one, in which every import is allowed. */
const LAWFUL: Readonly<Record<string, string>> = {
  'contract/money.ts': 'export type Cents = bigint\nexport const ZERO = 0n',
  'contract/order.ts':
    "import './money.ts'\nimport { Type } from 'typebox'\nexport const Order = Type.Object",
  'kit/store.ts': "import { open } from 'node:sqlite'\nexport const store = open",
  'kit/http.ts': "import '@fastify/cors'\nimport 'pino'\nexport const http = 1",
  'kit/store-conformance.ts': "import 'vitest'\nexport const suite = 1",
  'kit/store.test.ts': "import './store-conformance.ts'\nimport './store.ts'",
  'services/order/decide-order.ts':
    "import type { Order } from '@cnop/contract/order.ts'\nimport { ZERO } from '@cnop/contract/money.ts'\nexport const decide = (_: typeof Order) => ZERO",
  'services/order/place-order.ts':
    "import { store } from '@cnop/kit/store.ts'\nimport { decide } from './decide-order.ts'\nexport const place = [store, decide]",
  'services/order/testing/account.ts': "import 'vitest'\nexport const account = 1",
  'services/order/place-order.test.ts': "import './testing/account.ts'",
  'services/auth/login.ts': 'export const login = 1',
  'services/topology.ts':
    "import { login } from './auth/login.ts'\nimport { place } from './order/place-order.ts'\nexport const services = [login, place]",
  'services/main.ts': "import './topology.ts'",
  'services/operator.ts': "import './auth/login.ts'",
  'web/page.tsx': "import { Order } from '@cnop/contract/order.ts'\nexport const page = Order",
  'web/src/app.tsx': "import './features/asset/asset-page.tsx'\nimport './frame/frame.tsx'",
  'web/src/features/asset/asset-page.tsx':
    "import './chart.tsx'\nimport '../../client/door.ts'\nimport '../../ui/button.tsx'\nexport const page = 1",
  'web/src/features/asset/chart.tsx': 'export const chart = 1',
  'web/src/features/landing/landing-page.tsx': "import '../../frame/frame.tsx'",
  'web/src/frame/frame.tsx': "import '../ui/button.tsx'\nimport '../live/price.tsx'",
  'web/src/live/price.tsx': "import '../client/door.ts'\nimport '../ui/button.tsx'",
  'web/src/client/door.ts': 'export const door = 1',
  'web/src/ui/button.tsx': "import '../messages.ts'\nexport const button = 1",
  'web/src/messages.ts': 'export const t = 1',
  'tests/topologies.ts': "import '@cnop/services/order/place-order.ts'\nexport const start = 1",
  'examples/bot.ts': "import { Order } from '@cnop/contract/order.ts'\nexport const bot = Order",
  'examples/bot.test.ts': "import '../tests/topologies.ts'\nimport './bot.ts'",
  'bench/run.ts': "import 'node:sqlite'\nimport '@cnop/services/topology.ts'",
  'tools/check.ts': 'export const check = 1',
}

/** For each rule, changes to the lawful tree that it must refuse, and the import it names. */
const OFFENCES: readonly (readonly [rule: string, file: string, code: string, to: string])[] = [
  ['no-cycles', 'contract/money.ts', "import './order.ts'", 'contract/order.ts'],
  ['imports-resolve', 'kit/gone.ts', "import './nowhere.ts'", './nowhere.ts'],
  ['contract-stands-alone', 'contract/a.ts', "import '@cnop/kit/http.ts'", 'kit/http.ts'],
  ['contract-stands-alone', 'contract/a.ts', "import { readFile } from 'node:fs'", 'fs'],
  ['contract-stands-alone', 'contract/a.ts', "import 'pino'", 'node_modules/pino/index.js'],
  ['kit-knows-no-business', 'kit/a.ts', "import '../services/main.ts'", 'services/main.ts'],
  ['services-are-islands', 'services/auth/a.ts', "import '../order/a.ts'", 'services/order/a.ts'],
  [
    'services-are-islands',
    'services/auth/a.ts',
    "import type { A } from '@cnop/services/order/a.ts'",
    'services/order/a.ts',
  ],
  ['services-are-islands', 'services/auth/a.ts', "import '../topology.ts'", 'services/topology.ts'],
  [
    'topology-knows-the-services',
    'services/main.ts',
    "import './auth/login.ts'",
    'services/auth/login.ts',
  ],
  [
    'topology-knows-the-services',
    'tools/a.ts',
    "await import('@cnop/services/auth/login.ts')",
    'services/auth/login.ts',
  ],
  ['pages-and-examples-see-the-contract', 'web/a.tsx', "import '@cnop/kit/http.ts'", 'kit/http.ts'],
  [
    'pages-and-examples-see-the-contract',
    'examples/a.ts',
    "import '@cnop/services/topology.ts'",
    'services/topology.ts',
  ],
  [
    'features-of-the-pages-are-islands',
    'web/src/features/landing/landing-page.tsx',
    "import '../asset/chart.tsx'",
    'web/src/features/asset/chart.tsx',
  ],
  [
    'addresses-know-the-features',
    'web/src/frame/frame.tsx',
    "import '../features/asset/chart.tsx'",
    'web/src/features/asset/chart.tsx',
  ],
  [
    'the-design-system-has-no-data',
    'web/src/ui/button.tsx',
    "import '../client/door.ts'",
    'web/src/client/door.ts',
  ],
  [
    'the-client-knows-no-page',
    'web/src/live/price.tsx',
    "import '../frame/a.tsx'",
    'web/src/frame/a.tsx',
  ],
  ['decisions-are-pure', 'services/order/decide-a.ts', "import 'node:crypto'", 'crypto'],
  ['decisions-are-pure', 'services/order/decide-a.ts', "import './a.ts'", 'services/order/a.ts'],
  [
    'decisions-are-pure',
    'services/order/decide-a.ts',
    "import { store } from '@cnop/kit/store.ts'",
    'kit/store.ts',
  ],
  ['adapters-stay-in-the-kit', 'services/order/b.ts', "import 'node:sqlite'", 'node:sqlite'],
  [
    'adapters-stay-in-the-kit',
    'services/order/b.ts',
    "process.getBuiltinModule('node:sqlite')",
    'node:sqlite',
  ],
  ...['@fastify/cors', '@aws-sdk/client-dynamodb', 'pino', 'prom-client', 'undici', 'redis'].map(
    (name) =>
      [
        'adapters-stay-in-the-kit',
        'services/order/b.ts',
        `import '${name}'`,
        `node_modules/${name}/index.js`,
      ] as const,
  ),
  ['the-product-ships-no-test-tool', 'kit/b.ts', "import 'vitest'", 'node_modules/vitest/index.js'],
  [
    'the-product-ships-no-test-tool',
    'kit/b.ts',
    "import './store-conformance.ts'",
    'kit/store-conformance.ts',
  ],
  [
    'the-product-ships-no-test-tool',
    'services/order/b.ts',
    "import './testing/account.ts'",
    'services/order/testing/account.ts',
  ],
  ['nothing-stands-on-tests', 'kit/b.ts', "import '../tools/check.ts'", 'tools/check.ts'],
  ['nothing-stands-on-tests', 'bench/b.ts', "import '../tests/a.ts'", 'tests/a.ts'],
  ['nothing-stands-on-tests', 'kit/b.ts', "import './store.test.ts'", 'kit/store.test.ts'],
]

test('the real tree keeps every border, and every file of it was looked at', async () => {
  const { seen, offences } = await borders(ROOT)
  expect(offences).toEqual([])
  expect(seen.length).toBeGreaterThan(60)
  for (const folder of ['contract/', 'kit/', 'services/', 'tools/']) {
    expect(seen.filter((file) => file.startsWith(folder)).length).toBeGreaterThan(4)
  }
})

test('a lawful tree is not refused', async () => {
  expect(await bordersOf({})).toEqual({
    seen: expect.arrayContaining(Object.keys(LAWFUL)),
    offences: [],
  })
})

test.each(OFFENCES)('%s refuses %s with: %s', async (rule, file, code, to) => {
  const { offences } = await bordersOf({
    'services/order/a.ts': 'export type A = string',
    'tests/a.ts': 'export const a = 1',
    'web/src/frame/a.tsx': 'export const a = 1',
    [file]: `${LAWFUL[file] ?? ''}\n${code}\n`,
  })
  expect(offences).toContain(`${rule}: ${file} -> ${to}`)
})

test('every rule has been seen to refuse', () => {
  expect([...new Set(OFFENCES.map(([rule]) => rule))]).toEqual(rules.map(({ name }) => name))
})

async function bordersOf(changes: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(tmpdir(), 'borders-'))
  try {
    const packages = ['@fastify/cors', '@aws-sdk/client-dynamodb', 'pino', 'prom-client', 'undici']
    for (const name of [...packages, 'redis', 'typebox', 'vitest']) {
      await write(join(root, 'node_modules', name, 'index.js'), 'export const open = 1')
      await write(join(root, 'node_modules', name, 'package.json'), '{"exports":"./index.js"}')
    }
    for (const name of ['contract', 'kit', 'services']) {
      await write(join(root, name, 'package.json'), '{"exports":{"./*.ts":"./*.ts"}}')
      await mkdir(join(root, 'node_modules/@cnop'), { recursive: true })
      await symlink(join(root, name), join(root, 'node_modules/@cnop', name))
    }
    for (const [path, code] of Object.entries({ ...LAWFUL, ...changes })) {
      await write(join(root, path), code)
    }
    return await borders(root)
  } finally {
    await rm(root, { recursive: true })
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
