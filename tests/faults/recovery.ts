/**
 * How long a platform of two of each is without something after one of its processes was killed and
 * started again at once, as whatever runs it would do, while customers trade at both doors.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceName } from '@cnop/contract/route.ts'
import {
  type Customer,
  customerOf,
  freshKey,
  newCustomers,
  PASSWORD,
  rawCall,
} from '../customers.ts'
import { listen } from '../event-client.ts'
import { type ScaledPlatform, startScaled } from '../scaled-topology.ts'

const CLIENTS = 4
const TRIED_EVERY_MS = 10
const RECOVERY_MS_MAX = 60_000
/** Between two kills all are well for so long. */
const CALM_MS = 1_500

const LIMITS = {
  RATE_LIMIT_ORDER: '1000000',
  RATE_LIMIT_GATEWAY: '1000000',
  SIGN_IN_FAILURES_PER_ADDRESS: '1000',
  DEPOSIT_PER_DAY_USD: '1000000.00',
}

export type Recovery = {
  /** Until every customer had an answer to what was asked after the kill. */
  readonly tradingMs: number
  /** Until what the killed process is for was done again. */
  readonly workMs: number
}

export type Victim = ServiceName | 'redis'
export const VICTIMS: readonly Victim[] = [
  'gateway',
  'order',
  'inventory',
  'auth',
  'user',
  'insights',
  'redis',
]

/** As often as asked for, one victim after the other, each replica in turn. */
export async function measureRecoveries(
  times: number,
  told: (victim: Victim, recovery: Recovery) => void,
): Promise<void> {
  const platform = await startScaled({ env: LIMITS })
  const answeredMs: number[] = Array(CLIENTS).fill(Number.NEGATIVE_INFINITY)
  let trading = true
  try {
    const customers = await newCustomers(platform.url, CLIENTS)
    const clients = customers.map(async (customer, i) => {
      for (let step = 0; trading; step += 1) {
        const askedMs = performance.now()
        if (await trades(atDoor(platform, customer, step))) answeredMs[i] = askedMs
        else await pause(TRIED_EVERY_MS)
      }
    })
    for (let round = 0; round < times; round += 1)
      for (const victim of VICTIMS) {
        await pause(CALM_MS)
        told(
          victim,
          await recoverFrom(platform, { victim, replica: round % 2, answeredMs, customers }),
        )
      }
    trading = false
    await Promise.all(clients)
  } finally {
    trading = false
    await platform.stop()
  }
}

type Loss = {
  readonly victim: Victim
  readonly replica: number
  readonly answeredMs: readonly number[]
  readonly customers: readonly Customer[]
}

async function recoverFrom(platform: ScaledPlatform, loss: Loss): Promise<Recovery> {
  const { victim, replica, answeredMs } = loss
  const works = await workOf(platform, loss)
  const killedMs = performance.now()
  if (victim === 'redis') await platform.redis.kill()
  else await platform.kill(victim, twice(victim) ? replica : 0)
  const since = async (done: () => boolean | Promise<boolean>): Promise<number> => {
    for (;;) {
      if (await done()) return performance.now() - killedMs
      if (performance.now() - killedMs > RECOVERY_MS_MAX) throw new Error(`${victim} stays away`)
      await pause(TRIED_EVERY_MS)
    }
  }
  const restarted =
    victim === 'redis'
      ? platform.redis.start()
      : platform.revive(victim, twice(victim) ? replica : 0)
  const [tradingMs, workMs] = await Promise.all([
    since(() => answeredMs.every((atMs) => atMs > killedMs)),
    since(works),
    restarted,
  ])
  return { tradingMs, workMs }
}

const twice = (victim: Victim): boolean => ['gateway', 'order', 'inventory'].includes(victim)

const atDoor = (platform: ScaledPlatform, customer: Customer, door: number): Customer =>
  customerOf(platform.doors[door % platform.doors.length] ?? '', customer, customer)

const trades = (customer: Customer): Promise<boolean> =>
  customer
    .raw('POST', '/balance/deposit', {
      body: '{"amount":"1"}',
      headers: { 'idempotency-key': freshKey() },
    })
    .then(
      ({ status }) => status === 201,
      () => false,
    )

/** What says that a victim is back; made before the kill. */
async function workOf(
  platform: ScaledPlatform,
  { victim, replica, customers }: Loss,
): Promise<() => boolean | Promise<boolean>> {
  const [customer] = customers
  if (customer === undefined) throw new Error('Nobody trades')
  const { username } = customer
  const answers = (path: string, init = {}, method = 'GET') =>
    rawCall(platform.url, method, path, init).then(
      ({ status }) => status === 200,
      () => false,
    )
  switch (victim) {
    case 'gateway':
    case 'order':
      return () => lives(platform.urlOf(victim, replica))
    case 'inventory': {
      const killedFrom = Date.now()
      const stream = await listen(platform.url, { channels: 'prices' })
      await stream.until((heard) => heard.length > 0)
      return async () => {
        const { as_of: at = '' } = (stream.heard.at(-1)?.data ?? {}) as { as_of?: string }
        const newer = Date.parse(at) > killedFrom + 1_000
        if (newer) await stream.close()
        return newer
      }
    }
    case 'auth':
      return () =>
        answers('/auth/login', { body: JSON.stringify({ username, password: PASSWORD }) }, 'POST')
    case 'user':
      return () => answers('/watchlist', { token: customer.token })
    case 'insights':
      return () => answers('/insights/portfolio', { token: customer.token })
    case 'redis':
      return sharedAgain(platform.internalUrl)
  }
}

/** Its loss is noticed a moment after it. */
function sharedAgain(internalUrl: string): () => Promise<boolean> {
  let lost = false
  return async () => {
    const metrics = await (await fetch(`${internalUrl}/metrics`)).text()
    const away = /^\S*redis_up\{[^}]*\} 0/m.test(metrics)
    lost ||= away
    return lost && !away
  }
}

const lives = (url: string): Promise<boolean> =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
