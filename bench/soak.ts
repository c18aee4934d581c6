/**
 * A platform under a mixed load for as long as one likes: 60 % reads, 35 % market orders, 5 % cash,
 * due at a constant rate, a fifth of all from one customer. It is audited and measured every minute.
 */
import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { API_BASE } from '@cnop/contract/route.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { openSqliteReader } from '@cnop/kit/store/sqlite-reader.ts'
import { dataFileOf } from '@cnop/services/data-dir.ts'
import { auditStore } from '@cnop/services/order/audit/audit-store.ts'
import type { LoadFigures } from './load-worker.ts'
import { cpuSecondsOf, load, requestText, residentMegabytesOf } from './measure.ts'
import {
  type BenchPlatform,
  newTrader,
  orderRequest,
  readRequest,
  startPlatform,
} from './platform.ts'

export type SoakOptions = {
  readonly minutes: number
  /** Requests a second. */
  readonly rate: number
  readonly customers: number
  readonly seed: number
  /** Told the line of each minute. */
  readonly onMinute?: (minute: SoakMinute) => void
}

export type SoakMinute = Pick<LoadFigures, 'answers' | 'statuses' | 'p50Ms' | 'p99Ms' | 'maxMs'> & {
  readonly minute: number
  readonly events: number
  /** What the audit found; `undefined` when the books are in order. */
  readonly broken: string | undefined
  readonly residentMegabytes: number
  readonly descriptors: number
  readonly loopDelayP99Ms: number
  /** Of one core. */
  readonly cpuShare: number
}

export type Soak = {
  readonly minutes: readonly SoakMinute[]
  /** Megabytes a minute, fitted to all minutes but the first third. */
  readonly memorySlope: number
  /** Before the load came, and after it was gone. */
  readonly descriptors: { readonly before: number; readonly after: number }
}

const CONNECTIONS = 32
const MIX = 400
const WHALE_SHARE = 0.2

export async function runSoak(options: SoakOptions): Promise<Soak> {
  const internalPort = await freePort()
  const platform = await startPlatform({ INTERNAL_PORT: String(internalPort) })
  try {
    const tokens: string[] = []
    while (tokens.length < options.customers) tokens.push(await newTrader(platform))
    const requests = mixedRequests(tokens, createChance(options.seed))
    const before = descriptorsOf(platform.pid)
    const minutes: SoakMinute[] = []
    for (let left = options.minutes; left > 0; left -= 1) {
      const seconds = 60 * Math.min(1, left)
      const told = await soakOnce({ platform, internalPort, requests, seconds }, options.rate)
      const minute = { ...told, minute: minutes.length + 1 }
      minutes.push(minute)
      options.onMinute?.(minute)
    }
    const after = await settledDescriptors(platform.pid, before)
    return { minutes, memorySlope: memorySlopeOf(minutes), descriptors: { before, after } }
  } finally {
    await platform.stop()
  }
}

type Site = {
  readonly platform: BenchPlatform
  readonly internalPort: number
  readonly requests: readonly string[]
  readonly seconds: number
}

async function soakOnce(site: Site, rate: number): Promise<Omit<SoakMinute, 'minute'>> {
  const { platform, internalPort, requests, seconds } = site
  const { host, port, pid, dataDir } = platform
  const cpuBefore = cpuSecondsOf(pid)
  const connections = CONNECTIONS
  const figures = await load({ host, port, connections, seconds, ratePerSecond: rate, requests })
  const cpuShare = (cpuSecondsOf(pid) - cpuBefore) / figures.seconds
  const loopDelayP99Ms = await loopDelayOf(internalPort)
  const { answers, statuses, p50Ms, p99Ms, maxMs } = figures
  return {
    ...{ answers, statuses, p50Ms, p99Ms, maxMs, cpuShare, loopDelayP99Ms },
    residentMegabytes: residentMegabytesOf(pid),
    descriptors: descriptorsOf(pid),
    ...(await auditOf(dataDir)),
  }
}

/** Taken in turn, so that the shares hold to the request. */
function mixedRequests(tokens: readonly string[], chance: () => number): readonly string[] {
  const [whale = '', ...others] = tokens
  return Array.from({ length: MIX }, (_, index) => {
    const other = others[Math.floor(chance() * others.length)] ?? whale
    const token = chance() < WHALE_SHARE ? whale : other
    return requestOfKind((index * 37) % 100, token, chance)
  })
}

const READS = [
  '/balance',
  '/portfolio',
  '/orders?limit=20',
  '/assets/balances',
  '/inventory/assets',
]
const ASSETS = ['BTC', 'ETH', 'SOL', 'DOGE']

function requestOfKind(percent: number, token: string, chance: () => number): string {
  const any = <T>(values: readonly T[]): T => values[Math.floor(chance() * values.length)] as T
  if (percent < 60) return readRequest(any(READS), token)
  if (percent < 95) return orderRequest(token, any(ASSETS))
  const path = `${API_BASE}/balance/deposit`
  return requestText({ method: 'POST', path, token, idempotent: true, body: { amount: '5' } })
}

async function auditOf(dataDir: string): Promise<Pick<SoakMinute, 'events' | 'broken'>> {
  const store = openSqliteReader({ file: dataFileOf(dataDir, 'order') })
  try {
    const { events, broken } = await auditStore({ store, nowMs: Date.now() })
    return { events, broken: broken && JSON.stringify(broken) }
  } finally {
    await store.close()
  }
}

const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

const SETTLE_MS_MAX = 20_000

/** Connections that the load has left are closed a little later. */
async function settledDescriptors(pid: number, before: number): Promise<number> {
  const deadline = performance.now() + SETTLE_MS_MAX
  while (descriptorsOf(pid) > before && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 200))
  return descriptorsOf(pid)
}

/** Since the last time it was asked for; on a connection of its own, which nobody has ended meanwhile. */
async function loopDelayOf(internalPort: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${internalPort}/metrics`, {
    headers: { connection: 'close' },
  })
  const seconds = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(await answer.text())?.[1]
  return Number(seconds) * 1000
}

/** Least squares. */
function memorySlopeOf(minutes: readonly SoakMinute[]): number {
  const fitted = minutes.slice(Math.floor(minutes.length / 3))
  const meanOf = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const meanX = meanOf(fitted.map(({ minute }) => minute))
  const meanY = meanOf(fitted.map(({ residentMegabytes }) => residentMegabytes))
  const rise = fitted.map((one) => (one.minute - meanX) * (one.residentMegabytes - meanY))
  const run = fitted.map((one) => (one.minute - meanX) ** 2)
  return meanOf(rise) / meanOf(run)
}

/** Files and connections that a process opens when it first needs them, and keeps. */
const OPENED_ONCE = 8

const HONEST: ReadonlySet<string> = new Set(['200', '201', '503'])

/** What must not be, however slow the machine is: one that has too much to do says so with 503. */
export function failuresOf({ minutes, descriptors }: Soak): string[] {
  const failures = minutes.flatMap(({ minute, statuses, broken }) => [
    ...(broken === undefined ? [] : [`minute ${minute}: ${broken}`]),
    ...Object.keys(statuses)
      .filter((status) => !HONEST.has(status))
      .map((status) => `minute ${minute}: ${statuses[status]} answers of ${status}`),
  ])
  const { before, after } = descriptors
  if (after > before + OPENED_ONCE)
    failures.push(`${after - before} descriptors were not given back`)
  return failures
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

const COLUMNS: readonly (readonly [string, (minute: SoakMinute) => string])[] = [
  ['minute', ({ minute }) => String(minute)],
  ['answers', ({ answers }) => String(answers)],
  [
    'statuses',
    ({ statuses }) =>
      Object.entries(statuses)
        .map((one) => one.join(': '))
        .join(', '),
  ],
  ['p50 ms', ({ p50Ms }) => p50Ms.toFixed(1)],
  ['p99 ms', ({ p99Ms }) => p99Ms.toFixed(1)],
  ['max ms', ({ maxMs }) => maxMs.toFixed(0)],
  ['loop p99 ms', ({ loopDelayP99Ms }) => loopDelayP99Ms.toFixed(1)],
  ['cpu', ({ cpuShare }) => `${(cpuShare * 100).toFixed(0)} %`],
  ['memory MB', ({ residentMegabytes }) => residentMegabytes.toFixed(0)],
  ['descriptors', ({ descriptors }) => String(descriptors)],
  ['events', ({ events }) => String(events)],
  ['audit', ({ broken }) => broken ?? 'clean'],
]

const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

export const SOAK_HEAD = [
  lineOf(COLUMNS.map(([title]) => title)),
  lineOf(COLUMNS.map(() => '---')),
].join('\n')

export const soakLine = (minute: SoakMinute): string =>
  lineOf(COLUMNS.map(([, cell]) => cell(minute)))
