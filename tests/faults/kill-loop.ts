/**
 * Processes of a platform are killed at moments drawn from a seed, while customers trade on it.
 * After each revival the audit is clean, what was left open settles, and answers replay to the byte;
 * at the end all of them do, and every stream has told every event once.
 */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { verifyLedger } from '@cnop/contract/portfolio.ts'
import type { ServiceName } from '@cnop/contract/route.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { booksOf } from '../audits.ts'
import { type Customer, newCustomers, rawCall } from '../customers.ts'
import { type Follower, follow } from '../event-client.ts'
import { type RunningPlatform, startApart, startTogether, temporaryDataDir } from '../topologies.ts'
import { killBackup, killRestore } from './kill-copies.ts'
import {
  expectReplayed,
  newTradeRecord,
  settleOpen,
  type TradeRecord,
  trade,
} from './kill-traders.ts'
import { killAsLogIsCopied } from './log-copying.ts'

export type Topology = 'together' | 'apart'

/** When a process is hit. `copying`: while the log is copied into the data file. */
export const MOMENTS = ['trading', 'starting', 'copying', 'ending', 'backup', 'restore'] as const
export type Moment = (typeof MOMENTS)[number]

export type KillFigures = {
  readonly kills: Record<Moment, number>
  readonly acknowledged: number
  /** Of these, how many nobody knew the outcome of at first. */
  readonly settled: number
  readonly events: number
}

const CLIENTS = 6
const REPLAYED_PER_REVIVAL = 30
const ANSWER_MS_MAX = 30_000

const ENV = {
  RATE_LIMIT_ORDER: '1000000',
  RATE_LIMIT_GATEWAY: '1000000',
  DEPOSIT_PER_DAY_USD: '1000000.00',
  ACCESS_TOKEN_MINUTES: '60',
}

type Loop = {
  readonly platform: RunningPlatform
  readonly dataDir: string
  readonly topology: Topology
  readonly customers: readonly Customer[]
  readonly chance: () => number
  readonly record: TradeRecord
  readonly kills: Record<Moment, number>
}

export async function runKillLoop({
  topology,
  kills,
  seed,
}: {
  readonly topology: Topology
  readonly kills: number
  readonly seed: number
}): Promise<KillFigures> {
  const dataDir = await temporaryDataDir()
  const platform = await { together: startTogether, apart: startApart }[topology]({
    dataDir,
    env: ENV,
  })
  try {
    const customers = await newCustomers(platform.url, CLIENTS)
    for (const customer of customers) await customer.deposit('5000')
    const loop: Loop = {
      platform,
      dataDir,
      topology,
      customers,
      chance: createChance(seed),
      record: newTradeRecord(),
      kills: { trading: 0, starting: 0, copying: 0, ending: 0, backup: 0, restore: 0 },
    }
    const followers = customers
      .slice(0, 2)
      .map(({ token }) => follow(platform.url, token, () => Number.POSITIVE_INFINITY))
    while (sumOf(loop.kills) < kills) await killOnce(loop)
    await settleOpen(loop.record)
    await expectReplayed(loop.record.acknowledged)
    const events = await expectAllTold(loop, followers)
    const { acknowledged, settled } = loop.record
    return { kills: loop.kills, acknowledged: acknowledged.length, settled, events }
  } finally {
    await platform.stop()
    await rm(dataDir, { recursive: true })
  }
}

const sumOf = (kills: Record<Moment, number>): number =>
  Object.values(kills).reduce((sum, count) => sum + count, 0)

/** Often enough that a short loop meets every moment, and seldom where it takes seconds. */
const MOMENT_SHARES: readonly (readonly [Moment, number])[] = [
  ['backup', 0.05],
  ['restore', 0.05],
  ['ending', 0.15],
  ['copying', 0.15],
]

function drawMoment(drawn: number): Moment {
  let left = drawn
  for (const [moment, share] of MOMENT_SHARES) {
    if (left < share) return moment
    left -= share
  }
  return 'trading'
}

async function killOnce(loop: Loop): Promise<void> {
  const { platform, dataDir, chance, customers, record, kills } = loop
  const moment = drawMoment(chance())
  const victim = moment === 'trading' ? drawVictim(loop) : 'order'
  const trading = trade(customers, chance, record)
  await pause(50 + 250 * chance())
  if (moment === 'backup' || moment === 'restore') {
    // A restore has nothing to do with who trades meanwhile.
    if (moment === 'restore') await trading.stop()
    const kill = moment === 'backup' ? killBackup : killRestore
    if (await kill(dataDir, chance, trading.stop)) kills[moment] += 1
    return
  }
  if (moment === 'ending') {
    platform.tellToEnd(victim)
    await pause(40 * chance())
  }
  if (moment === 'copying') await killAsLogIsCopied(platform, dataDir)
  else await platform.kill(victim)
  kills[moment] += 1
  await trading.stop()
  await revive(loop, victim)
}

function drawVictim({ topology, chance }: Loop): ServiceName {
  if (topology === 'together' || chance() < 0.6) return 'order'
  const others = ['gateway', 'inventory', 'auth', 'user'] as const
  return others[Math.floor(chance() * others.length)] ?? 'gateway'
}

/** Often the process is killed again before it is ready. */
async function revive(loop: Loop, victim: ServiceName): Promise<void> {
  const { platform, dataDir, chance, record, kills } = loop
  while (chance() < 0.35) {
    await platform.stumble(victim, 100 + 900 * chance())
    kills.starting += 1
  }
  await platform.revive(victim)
  await untilAnswered(loop)
  assert.equal((await booksOf(dataDir)).broken, undefined)
  await settleOpen(record)
  const { acknowledged } = record
  const last = acknowledged.slice(-REPLAYED_PER_REVIVAL / 2)
  const any = Array.from({ length: REPLAYED_PER_REVIVAL / 2 }, () => {
    return acknowledged[Math.floor(chance() * acknowledged.length)]
  })
  await expectReplayed([...last, ...any.filter((one) => one !== undefined)])
}

/** The door leaves a service that was down alone until it sees that it is back. */
async function untilAnswered({ platform, customers }: Loop): Promise<void> {
  const token = customers[0]?.token ?? ''
  const deadline = performance.now() + ANSWER_MS_MAX
  for (const path of ['/balance', '/inventory/assets/ETH', '/watchlist', '/auth/profile']) {
    const ask = () => rawCall(platform.url, 'GET', path, { token }).catch(() => undefined)
    while ((await ask())?.status !== 200) {
      if (performance.now() > deadline) throw new Error(`${path} is not answered again`)
      await pause(25)
    }
  }
}

/** Each stream has told 1, 2, 3 to the head; resolves with the events of all customers. */
async function expectAllTold(loop: Loop, followers: readonly Follower[]): Promise<number> {
  const heads: number[] = []
  for (const customer of loop.customers) {
    const { data } = await customer.call(verifyLedger, {})
    assert.equal(data.ok, true)
    heads.push(data.events)
  }
  for (const [index, follower] of followers.entries()) {
    const head = heads[index] ?? 0
    await follower.reach(head)
    await follower.stop()
    const ids = follower.heard.flatMap(({ id }) => (id === undefined ? [] : [id]))
    assert.deepEqual(
      ids,
      Array.from({ length: head }, (_, position) => position + 1),
    )
  }
  return heads.reduce((sum, head) => sum + head, 0)
}
