/**
 * P11: durable market orders through one door with one, two and four order processes, on DynamoDB
 * Local and on a store in the memory of a process. All processes, the load and the store share the
 * cores of this machine, so what an order costs each of them is told beside how many there were.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceName } from '@cnop/contract/route.ts'
import { createTable } from '@cnop/kit/store/dynamo-table.ts'
import {
  dynamodbLocalLacks,
  LOCAL_CREDENTIALS,
  startDynamodbLocal,
} from '@cnop/kit/store/testing/dynamodb-local.ts'
import { STORING_SERVICES, tableOf } from '@cnop/services/stores.ts'
import {
  cpuSecondsOf,
  EVERY_CPU,
  load,
  median,
  type Row,
  type Started,
  startOn,
} from './measure.ts'
import { type BenchOptions, notRun } from './options.ts'
import { newTraders, orderRequest, RAISED } from './platform.ts'

const TABLES = 'bench'
const ORDERS = [1, 2, 4] as const
const CONNECTIONS = 32
const USERS = 32
const WARM_SECONDS = 3

type Env = Readonly<Record<string, string>>

/** What the processes of a platform run, and over which store. */
type Stored = {
  readonly name: string
  readonly main: string
  readonly args: readonly string[]
  readonly env: Env
  stop(): Promise<void>
}

/** Whose work an order is. */
const COSTED = ['gateway', 'order', 'inventory'] as const

type Many = {
  readonly url: string
  readonly orders: number
  /** So far, all processes of a service together. */
  cpuSeconds(): ReadonlyMap<ServiceName, number>
  stop(): Promise<void>
}

type Measured = { readonly perSecond: number; readonly cpuMs: ReadonlyMap<string, number> }

export async function benchReplicas(options: BenchOptions): Promise<readonly Row[]> {
  const rows = await onStore(await inMemory(), options)
  const lacks = dynamodbLocalLacks()
  if (lacks !== undefined) return [...rows, notRun('P11', 'orders on DynamoDB Local', lacks)]
  return [...rows, ...(await onStore(await onDynamodbLocal(), options))]
}

async function onStore(stored: Stored, options: BenchOptions): Promise<readonly Row[]> {
  const platforms: Many[] = []
  try {
    for (const orders of ORDERS) platforms.push(await startMany(stored, orders))
    const [first] = platforms
    if (first === undefined) return []
    // Whoever has signed in at one platform is known to the others over the same store.
    const requests = (await newTraders(first, USERS)).map((token) => orderRequest(token))
    for (const platform of platforms) await ordersAt(platform, requests, WARM_SECONDS)
    const rounds: Measured[][] = []
    for (let round = 0; round < options.rounds; round += 1) {
      const each: Measured[] = []
      for (const platform of platforms)
        each.push(await ordersAt(platform, requests, options.seconds))
      rounds.push(each)
    }
    return ORDERS.map((orders, i) => rowOf(stored, orders, { rounds, i }))
  } finally {
    for (const platform of platforms) await platform.stop()
    await stored.stop()
  }
}

/** The machine may have other work, so a ratio is of one round, and the median of the rounds told. */
function rowOf(
  stored: Stored,
  orders: number,
  { rounds, i }: { rounds: readonly (readonly Measured[])[]; i: number },
): Row {
  const each = rounds.flatMap((round) => round[i] ?? [])
  const alone = rounds.flatMap((round) => round[0] ?? [])
  const costs = COSTED.map((service) => {
    const ms = median(each.map(({ cpuMs }) => cpuMs.get(service) ?? 0))
    return `${service} ${ms.toFixed(1)}`
  })
  return {
    id: 'P11',
    work: `market orders, ${orders} order processes on ${stored.name}, ${CONNECTIONS} connections, ${USERS} users`,
    product: `${Math.round(median(each.map(({ perSecond }) => perSecond)))}/s; CPU ms an order: ${costs.join(', ')}`,
    baseline: `${Math.round(median(alone.map(({ perSecond }) => perSecond)))}/s with one`,
    ratio: median(each.map(({ perSecond }, n) => perSecond / (alone[n]?.perSecond ?? Number.NaN))),
    toReach: '',
    reached: undefined,
  }
}

async function ordersAt(
  platform: Many,
  requests: readonly string[],
  seconds: number,
): Promise<Measured> {
  const { hostname: host, port } = new URL(platform.url)
  const before = platform.cpuSeconds()
  const figures = await load({
    host,
    port: Number(port),
    connections: CONNECTIONS,
    seconds,
    requests,
  })
  const after = platform.cpuSeconds()
  const filled = figures.statuses['201'] ?? 0
  if (filled !== figures.answers)
    throw new Error(`not every order was filled: ${JSON.stringify(figures.statuses)}`)
  const cpuMs = COSTED.map((service): [string, number] => [
    service,
    (1000 * ((after.get(service) ?? 0) - (before.get(service) ?? 0))) / filled,
  ])
  const perSecond = filled / figures.seconds
  process.stderr.write(`${platform.orders} orders: ${Math.round(perSecond)}/s\n`)
  return { perSecond, cpuMs: new Map(cpuMs) }
}

/** Each service a process, orders as many as asked for. */
async function startMany({ main, args, env }: Stored, orders: number): Promise<Many> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cnop-bench-'))
  const running: { readonly service: ServiceName; readonly started: Started }[] = []
  const start = async (service: ServiceName): Promise<void> => {
    const peers = Map.groupBy(running, (one) => one.service)
    const PEERS = [...peers]
      .filter(([name]) => name !== service)
      .map(([name, each]) => `${name}=${each.map((one) => one.started.url).join('|')}`)
      .join()
    const own = { SERVICES: service, PEERS, [`${service.toUpperCase()}_PORT`]: '0' }
    const started = await startOn(EVERY_CPU, main, {
      args,
      env: { ...RAISED, ...env, ...own, DATA_DIR: dataDir, CALLER_SECRET: 'x'.repeat(32) },
    })
    running.push({ service, started })
  }
  const stop = async (): Promise<void> => {
    for (const { started } of running.reverse()) await started.stop()
    rmSync(dataDir, { recursive: true })
  }
  const many = Array<ServiceName>(orders).fill('order')
  try {
    for (const service of ['inventory', 'auth', 'user', ...many, 'insights', 'gateway'] as const)
      await start(service)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: running.at(-1)?.started.url ?? '',
    orders,
    cpuSeconds() {
      const spent = new Map<ServiceName, number>()
      for (const { service, started } of running)
        spent.set(service, (spent.get(service) ?? 0) + cpuSecondsOf(started.pid))
      return spent
    },
    stop,
  }
}

async function inMemory(): Promise<Stored> {
  const server = await startOn(EVERY_CPU, '../tests/shared-store/serve-memory.ts')
  return {
    name: 'a store in memory',
    main: '../tests/shared-store/main.ts',
    args: [server.url],
    env: {},
    stop: () => server.stop(),
  }
}

async function onDynamodbLocal(): Promise<Stored> {
  const local = await startDynamodbLocal()
  const place = {
    region: 'local',
    endpoint: local.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  }
  for (const service of STORING_SERVICES)
    await createTable(place, tableOf(TABLES, service), { protect: false })
  return {
    name: 'DynamoDB Local',
    main: '../services/main.ts',
    args: [],
    env: {
      ...LOCAL_CREDENTIALS,
      STORE: 'dynamodb',
      DYNAMODB_TABLE: TABLES,
      DYNAMODB_REGION: place.region,
      DYNAMODB_ENDPOINT: place.endpoint,
    },
    stop: () => local.stop(),
  }
}
