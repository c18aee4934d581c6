/**
 * What is deployed cannot be tried here, where there is no container engine: it is read, and
 * compared with the code that it starts.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError, readConfig } from '@cnop/kit/config.ts'
import { VARIABLES } from '@cnop/kit/config-variables.ts'
import { LOCAL_CREDENTIALS } from '@cnop/kit/store/testing/dynamodb-local.ts'
import { portOf } from '@cnop/services/listen.ts'
import { SCALED_TIERS } from '@cnop/services/scaled-tiers.ts'
import { CALLS } from '@cnop/services/topology.ts'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const COMPOSE = textOf('deploy/docker/compose.yaml')
const DOCKERFILE = textOf('deploy/docker/Dockerfile')
const IGNORED = textOf('.dockerignore')

type Container = {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly privileged?: boolean
  readonly networks?: readonly string[]
  readonly restart?: string
  readonly deploy?: { readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> } }
  readonly depends_on?: readonly string[] | Readonly<Record<string, { condition: string }>>
}

const containersOf = (text: string): [string, Container][] =>
  Object.entries((parse(text, { merge: true }) as { services: Record<string, Container> }).services)

const SECRET = 'what-nobody-else-knows-at-all-today'
/** As Compose fills them in: `${NAME:?sentence}`. */
const filled = ({ environment = {} }: Container) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(/\$\{CALLER_SECRET:\?[^}]+\}/, SECRET),
    ]),
  )

const KNOWN = new Set(Object.values(VARIABLES).map(({ name }) => name as string))

/** Every fault of what Compose starts, in a sentence. */
function faultsOf(text: string): string[] {
  const all = containersOf(text)
  const platform = all.filter(([, { environment }]) => environment?.['SERVICES'] !== undefined)
  return [
    ...all.flatMap(([name, container]) => [
      ...openness(container).map((what) => `${name} is not held: ${what}`),
      ...unknownNames(container).map((variable) => `${name}: there is no ${variable}`),
      ...secretsIn(container).map((variable) => `${name}: ${variable} is in the file`),
    ]),
    ...platform.flatMap(([name, container]) => {
      const faults = unusable(name, container)
      return faults.length > 0 ? faults : misplaced(name, container, platform)
    }),
    ...otherThanStarted(platform.map(([, container]) => container)),
  ]
}

function openness(container: Container): string[] {
  const limits = container.deploy?.resources?.limits ?? {}
  const lasting = container.restart !== undefined
  return [
    ...(container.read_only === true ? [] : ['its files can be written']),
    ...(container.cap_drop?.join() === 'ALL' ? [] : ['it has capabilities']),
    ...(container.security_opt?.includes('no-new-privileges:true') ? [] : ['it can gain rights']),
    ...(container.privileged === undefined ? [] : ['it is privileged']),
    ...['cpus', 'memory', 'pids']
      .filter((limit) => !(limit in limits))
      .map((limit) => `no ${limit}`),
    ...(lasting && container.healthcheck === undefined ? ['nobody asks for its health'] : []),
    ...(container.ports ?? []).filter((port) => !port.startsWith('127.0.0.1:')),
    ...(container.networks?.includes('outside') && container.ports === undefined
      ? ['it reaches the world']
      : []),
  ]
}

const unknownNames = ({ environment = {} }: Container): string[] =>
  Object.keys(environment).filter((name) => !KNOWN.has(name) && !(name in LOCAL_CREDENTIALS))

/** What DynamoDB Local wants is no secret. */
const secretsIn = ({ environment = {} }: Container): string[] =>
  Object.entries(environment)
    .filter(([name, value]) =>
      name in LOCAL_CREDENTIALS
        ? value !== LOCAL_CREDENTIALS[name as keyof typeof LOCAL_CREDENTIALS]
        : (/SECRET|KEY|PASSWORD/.test(name) && !value.startsWith('${')) || /:[^/@]+@/.test(value),
    )
    .map(([name]) => name)

/** Each replica of what a service calls, by its name and on its port. */
function misplaced(name: string, container: Container, all: [string, Container][]): string[] {
  const { services, peers } = configOf(container)
  return services
    .flatMap((service) => CALLS[service])
    .filter((called) => {
      const replicas = all.filter(([, other]) => configOf(other).services.includes(called))
      const urls = replicas.map(
        ([host, other]) => `http://${host}:${portOf(configOf(other), called)}`,
      )
      return peers.get(called)?.toSorted().join() !== urls.sort().join()
    })
    .map((called) => `${name}: PEERS places ${called} elsewhere`)
}

const configOf = (container: Container) => readConfig({ ...filled(container) })

function unusable(name: string, container: Container): string[] {
  try {
    const { services, host, store, redisUrl } = configOf(container)
    return [
      ...(services.length === 1 ? [] : [`${name} runs ${services.length} services`]),
      ...(host === '0.0.0.0' ? [] : [`${name}: HOST keeps the others out`]),
      ...(store === 'dynamodb' ? [] : [`${name}: STORE is for one process`]),
      ...(redisUrl === undefined ? [`${name}: REDIS_URL is missing`] : []),
    ]
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map((fault) => `${name}: ${fault}`)
    throw error
  }
}

/** As many of each as `npm run start:scale` starts. */
function otherThanStarted(platform: readonly Container[]): string[] {
  const deployed = platform.map(({ environment }) => environment?.['SERVICES'] ?? '').sort()
  const started = SCALED_TIERS.flat().toSorted()
  return deployed.join() === started.join() ? [] : [`deployed are ${deployed}, started ${started}`]
}

/** Every fault of how the image is made. */
function faultsOfImage(text: string, ignored: string): string[] {
  const stages = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n')
    .split(/^(?=FROM )/m)
  const last = stages.at(-1) ?? ''
  const user = /^USER (\d+):\d+$/m.exec(last)?.[1]
  const order = [
    'FROM',
    'COPY package',
    'RUN npm ci',
    'COPY services services',
    'RUN node tools/bundle.ts',
  ]
  const places = order.map((instruction) => stages[0]?.indexOf(instruction) ?? -1)
  return [
    ...(stages.length === 2 ? [] : [`there are ${stages.length} stages`]),
    ...(/^FROM gcr\.io\/distroless\/nodejs\d+-debian\d+:nonroot$/m.test(last)
      ? []
      : ['the last stage has more than Node']),
    ...(user === undefined || user === '0' ? ['it runs as root'] : []),
    ...(/^(RUN|ADD|ARG)\b/m.test(last) ? ['the last stage does more than copy'] : []),
    ...(places.includes(-1) || places.join() !== places.toSorted((a, b) => a - b).join()
      ? ['packages are not installed before the sources come']
      : []),
    ...(/^(ENV|ARG) .*(SECRET|KEY|PASSWORD|TOKEN)/m.test(text) ? ['it holds a secret'] : []),
    ...copiedBy(stages[0] ?? '').flatMap((source) => [
      ...(existsSync(join(ROOT, source)) ? [] : [`there is no ${source}`]),
      ...(ignored.includes(`\n!${source.split('/')[0]}\n`) ? [] : [`${source} is ignored`]),
    ]),
    ...workspaces()
      .filter((name) => !copiedBy(stages[0] ?? '').includes(`${name}/package.json`))
      .map((name) => `npm ci knows nothing of ${name}`),
  ]
}

const copiedBy = (stage: string): string[] =>
  [...stage.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '))

const workspaces = (): string[] =>
  (JSON.parse(textOf('package.json')) as { workspaces: string[] }).workspaces

/** Refuses a spoilt text that is the same as before. */
function spoilt(text: string, from: string | RegExp, to: string): string {
  const changed = text.replace(from, to)
  expect(changed).not.toBe(text)
  return changed
}

test('Compose starts what start:scale starts, held tight, with variables that exist', () => {
  expect(faultsOf(COMPOSE)).toEqual([])
})

describe('a deployment is refused', () => {
  it.each<[string, string | RegExp, string, RegExp]>([
    [
      'with a variable that nobody reads',
      'HOST: 0.0.0.0',
      'HOST: 0.0.0.0\n  HOSTS: x',
      /there is no HOSTS/,
    ],
    [
      'without a variable that is needed',
      'DYNAMODB_REGION: local',
      'LOG_LEVEL: warn',
      /DYNAMODB_REGION must be set/,
    ],
    ['with a secret in it', /\$\{CALLER_SECRET[^}]+\}/, SECRET, /CALLER_SECRET is in the file/],
    [
      'with a password in an address',
      '//redis:6379',
      '//:password@redis:6379',
      /REDIS_URL is in the file/,
    ],
    ['with one order less', '  order-2: *order\n', '', /deployed are .*, started/],
    [
      'with a replica that nobody calls',
      '|http://order-2:8002,\n',
      ',\n',
      /gateway-1: PEERS places order/,
    ],
    [
      'with a port that is not listened on',
      'auth=http://auth:8003',
      'auth=http://auth:8000',
      /gateway-2: PEERS places auth/,
    ],
    [
      'with files that can be written',
      'read_only: true',
      'read_only: false',
      /redis is not held: its files/,
    ],
    [
      'with capabilities',
      'cap_drop: [ALL]',
      'cap_drop: [NET_RAW]',
      /order-1 is not held: it has cap/,
    ],
    [
      'with rights to gain',
      '"no-new-privileges:true"',
      '"label:disable"',
      /auth is not held: it can gain/,
    ],
    ['without a bound of memory', 'memory: 192M, ', '', /redis is not held: no memory/],
    [
      'without a question for health',
      /healthcheck: &health[^-]+-command.mjs"\]\n(.*\n){4}/,
      '',
      /user is not held: nobody asks/,
    ],
    [
      'that listens to the world',
      '127.0.0.1:8081:8080',
      '8081:8080',
      /gateway-2 is not held: 8081/,
    ],
  ])('%s', (_, from, to, fault) => {
    expect(faultsOf(spoilt(COMPOSE, from, to)).join('\n')).toMatch(fault)
  })
})

test('the image is built from what there is, and runs Node alone as nobody in particular', () => {
  expect(faultsOfImage(DOCKERFILE, IGNORED)).toEqual([])
  const images = containersOf(COMPOSE).filter(([, { build }]) => build !== undefined)
  expect(images.length).toBeGreaterThan(SCALED_TIERS.flat().length)
  for (const [, { image, build }] of images)
    expect([image, build?.context, build?.dockerfile]).toEqual([
      'cnop',
      '../..',
      'deploy/docker/Dockerfile',
    ])
})

describe('an image is refused', () => {
  it.each<[string, string | RegExp, string, RegExp]>([
    ['that runs as root', 'USER 65532:65532', 'USER 0:0', /runs as root/],
    ['that says nobody', 'USER 65532:65532\n', '', /runs as root/],
    ['with a shell', /gcr.io\S+/, 'node:26', /more than Node/],
    ['that fetches at the end', 'ENV DATA_DIR=/data', 'RUN npm install', /more than copy/],
    ['with a secret', 'ENV DATA_DIR=/data', 'ENV CALLER_SECRET=x', /holds a secret/],
    ['of what is not there', 'COPY tools tools', 'COPY utensils tools', /no utensils/],
    ['of what is ignored', 'COPY tools tools', 'COPY tests tools', /tests is ignored/],
    ['that forgets a package', 'COPY kit/package.json kit/\n', '', /nothing of kit/],
    ['that installs last', 'RUN npm ci\nCOPY contract', 'COPY contract', /not installed before/],
  ])('%s', (_, from, to, fault) => {
    expect(faultsOfImage(spoilt(DOCKERFILE, from, to), IGNORED).join('\n')).toMatch(fault)
  })
})
