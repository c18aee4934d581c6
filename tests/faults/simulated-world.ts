/** One world of the simulation: its store, market, processes and clocks, and what has come of it. */
import type { FaultRates } from '@cnop/kit/store/faulty-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { Answer } from '@cnop/services/order/ledger/commit-command.ts'
import { ORDER_RULES_DEFAULT, type OrderRules } from '@cnop/services/order/order-rules.ts'
import { createMarket, type FeedRates, type SimulatedMarket } from './simulated-market.ts'
import { type Intent, type SimulatedProcess, startProcess } from './simulated-process.ts'
import { createVirtualTime, type VirtualTime } from './virtual-time.ts'

/** Just before midnight UTC, so that daily limits start anew on the way. */
const START_MS = Date.UTC(2026, 0, 31, 23, 59, 59)
const USERS = ['01J0000000000000000000000A', '01J0000000000000000000000B']

type Rates = {
  readonly store: FaultRates
  readonly feed: FeedRates
  /** Of one process, each time the market moves. */
  readonly clockJump: number
}

const NO_RATES: Rates = {
  store: { lostRequest: 0, lostReply: 0, conflict: 0, throttled: 0, crash: 0 },
  feed: { lost: 0, twice: 0, late: 0, silent: 0 },
  clockJump: 0,
}

/** An answer, or the code of the problem that is no answer of the key. */
export type Reply = Answer | { readonly refused: string }

export type Ended = { readonly intent: Intent; readonly answer: Reply }

/** Of attempts of one key: those that no process has settled may still happen. */
export type Attempts = { readonly begun: number; readonly unsettled: number }

export type World = {
  readonly users: readonly string[]
  readonly time: VirtualTime
  readonly chance: () => number
  /** The store without faults: what the auditor reads. */
  readonly truth: Store
  readonly rules: OrderRules
  readonly market: SimulatedMarket
  readonly trace: string[]
  readonly reached: Map<string, number>
  readonly broken: string[]
  readonly ended: Ended[]
  readonly open: Intent[]
  /** By key. */
  readonly attempts: Map<string, Attempts>
  rates: Rates
  trading: boolean
  processes: SimulatedProcess[]
  started: number
}

export function createWorld(seed: number): World {
  const chance = createChance(seed)
  const time = createVirtualTime(START_MS)
  const rates = drawnRates(chance)
  const market = createMarket({ chance, now: time.now, rates: () => world.rates.feed })
  const world: World = {
    users: USERS,
    time,
    chance,
    truth: createMemoryStore({ now: time.now }),
    rules: { ...ORDER_RULES_DEFAULT, feeBasisPoints: BigInt(Math.floor(chance() * 3) * 7) },
    market,
    trace: [],
    reached: new Map(),
    broken: [],
    ended: [],
    open: [],
    attempts: new Map(),
    rates,
    trading: true,
    processes: [],
    started: 0,
  }
  return world
}

/** Some seeds are calm, most are rough, some are wild; and each in its own way. */
function drawnRates(chance: () => number): Rates {
  const weather = chance() < 0.1 ? 0 : 3 * chance() ** 2
  const rate = (usual: number): number => weather * chance() * usual
  return {
    store: {
      lostRequest: rate(0.08),
      lostReply: rate(0.08),
      conflict: rate(0.15),
      throttled: rate(0.08),
      crash: rate(0.015),
    },
    feed: { lost: rate(0.1), twice: rate(0.2), late: rate(0.2), silent: rate(0.03) },
    clockJump: rate(0.02),
  }
}

export const count = ({ reached }: Pick<World, 'reached'>, what: string): void =>
  void reached.set(what, (reached.get(what) ?? 0) + 1)

/** After a crash it never answers again, and the next takes its place. */
export function addProcess(world: World): void {
  const { time, chance, truth, rules, market, trace } = world
  const number = world.started
  world.started += 1
  world.processes.push(
    startProcess({
      number,
      time,
      chance,
      truth,
      rules,
      rates: world.rates.store,
      tick: market.latest(),
      onFault: (meeting) => count(world, `fault ${meeting}`),
      onCrash() {
        trace.push(`process ${number} crashed`)
        world.processes = world.processes.filter(({ alive }) => alive)
        addProcess(world)
      },
    }),
  )
}

/** Everything that fails or stands still is replaced. */
export function calm(world: World): void {
  for (const process_ of world.processes) process_.alive = false
  world.processes = []
  world.rates = NO_RATES
  world.market.move()
  addProcess(world)
}
