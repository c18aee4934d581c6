/** Durable market orders through the public door: P1, P2, P3 and P8. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from './baselines/postgres.ts'
import { sqliteTransactionsPerSecond } from './baselines/sqlite-transactions.ts'
import { interleaved, load, type Row } from './measure.ts'
import { type BenchOptions, notRun } from './options.ts'
import { type BenchPlatform, newTraders, orderRequest, startPlatform } from './platform.ts'

const CONNECTIONS = 64
const MANY_USERS = 256

const perSecond = (value: number): string => `${Math.round(value)}/s`

async function ordersPerSecond(
  platform: BenchPlatform,
  tokens: readonly string[],
  seconds: number,
): Promise<number> {
  const requests = tokens.map((token) => orderRequest(token))
  const figures = await load({ ...platform, connections: CONNECTIONS, seconds, requests })
  const filled = figures.statuses['201'] ?? 0
  if (filled !== figures.answers)
    throw new Error(`not every order was filled: ${JSON.stringify(figures.statuses)}`)
  return filled / figures.seconds
}

export async function benchOrders(options: BenchOptions): Promise<readonly Row[]> {
  const platform = await startPlatform()
  try {
    const many = await newTraders(platform, MANY_USERS)
    await ordersPerSecond(platform, many, 3)
    return [
      await againstSqlite(platform, many, options),
      ...(await againstPostgres(platform, many, options)),
      await oneUserAgainstMany(platform, many, options),
      await latencyAtHalfPeak(platform, many, options),
    ]
  } finally {
    await platform.stop()
  }
}

async function againstSqlite(
  platform: BenchPlatform,
  many: readonly string[],
  options: BenchOptions,
): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'cnop-bench-sqlite-'))
  const figures = await interleaved(options.rounds, {
    product: () => ordersPerSecond(platform, many, options.seconds),
    baseline: async () =>
      sqliteTransactionsPerSecond({
        file: join(folder, 'items.db'),
        seconds: options.seconds,
        users: MANY_USERS,
      }),
  })
  rmSync(folder, { recursive: true })
  return {
    id: 'P1',
    work: `market orders through the door, ${CONNECTIONS} connections, ${MANY_USERS} users`,
    product: perSecond(figures.product),
    baseline: `${perSecond(figures.baseline)} node:sqlite FULL, one commit each, no HTTP`,
    ratio: figures.ratio,
    toReach: '>= 0.8',
    reached: figures.ratio >= 0.8,
  }
}

async function againstPostgres(
  platform: BenchPlatform,
  many: readonly string[],
  options: BenchOptions,
): Promise<readonly Row[]> {
  const postgres = await startPostgres()
  if (postgres === undefined)
    return [notRun('P2', 'market orders', 'PostgreSQL 15 is not installed here')]
  try {
    const request =
      'POST /orders HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'
    const { hostname: host, port } = new URL(postgres.url)
    const figures = await interleaved(options.rounds, {
      product: () => ordersPerSecond(platform, many, options.seconds),
      baseline: async () =>
        (
          await load({
            host,
            port: Number(port),
            connections: CONNECTIONS,
            seconds: options.seconds,
            requests: [request],
          })
        ).perSecond,
    })
    return [
      {
        id: 'P2',
        work: 'the same',
        product: perSecond(figures.product),
        baseline: `${perSecond(figures.baseline)} PostgreSQL function behind a bare Fastify route, both on the server's core`,
        ratio: figures.ratio,
        toReach: '>= 0.6',
        reached: figures.ratio >= 0.6,
      },
    ]
  } finally {
    await postgres.stop()
  }
}

async function oneUserAgainstMany(
  platform: BenchPlatform,
  many: readonly string[],
  options: BenchOptions,
): Promise<Row> {
  const figures = await interleaved(options.rounds, {
    product: () => ordersPerSecond(platform, many.slice(0, 1), options.seconds),
    baseline: () => ordersPerSecond(platform, many.slice(0, CONNECTIONS), options.seconds),
  })
  return {
    id: 'P3',
    work: `one user, ${CONNECTIONS} orders at once, none refused`,
    product: perSecond(figures.product),
    baseline: `${perSecond(figures.baseline)} with ${CONNECTIONS} users`,
    ratio: figures.ratio,
    toReach: '>= 0.3',
    reached: figures.ratio >= 0.3,
  }
}

async function latencyAtHalfPeak(
  platform: BenchPlatform,
  many: readonly string[],
  options: BenchOptions,
): Promise<Row> {
  const peak = await ordersPerSecond(platform, many, options.seconds)
  const requests = many.map((token) => orderRequest(token))
  const common = { ...platform, seconds: options.seconds, requests }
  const figures = await interleaved(options.rounds, {
    product: async () =>
      (await load({ ...common, connections: CONNECTIONS, ratePerSecond: peak / 2 })).p99Ms,
    baseline: async () => (await load({ ...common, connections: 1, ratePerSecond: 20 })).p50Ms,
  })
  return {
    id: 'P8',
    work: `p99 at half the peak (${perSecond(peak / 2)}, open loop)`,
    product: `${figures.product.toFixed(1)} ms`,
    baseline: `${figures.baseline.toFixed(1)} ms p50 unloaded`,
    ratio: figures.ratio,
    toReach: '<= 10',
    reached: figures.ratio <= 10,
  }
}
