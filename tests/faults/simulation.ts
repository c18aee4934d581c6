/**
 * The order service under a seed: customers who ask at once and ask again, on a store that loses
 * requests and replies, conflicts, throttles and crashes. First safety under faults, then all that
 * is open must finish without them; then the books are audited, and held against what was answered.
 */
import { createHash } from 'node:crypto'
import { deposit, withdraw } from '@cnop/contract/balance.ts'
import { formatUsd, parseDecimal, parseUsd } from '@cnop/contract/money.ts'
import { type OrderBody, placeOrder as placeOrderRoute } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { claimReward as claimRewardRoute } from '@cnop/contract/reward.ts'
import type { Route } from '@cnop/contract/route.ts'
import { createMemoryCache } from '@cnop/kit/cache/memory-cache.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createFaultyStore, type FaultKind, type FaultRates } from '@cnop/kit/store/faulty-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { auditAccount } from '@cnop/services/order/audit/audit-account.ts'
import { depositCash, withdrawCash } from '@cnop/services/order/cash/transfer-cash.ts'
import { balanceKey, CASH, loadBalance } from '@cnop/services/order/ledger/balance-rows.ts'
import type { Answer } from '@cnop/services/order/ledger/commit-command.ts'
import { createLedger } from '@cnop/services/order/ledger/ledger.ts'
import { ORDER_RULES_DEFAULT, type OrderRules } from '@cnop/services/order/order-rules.ts'
import { placeOrder } from '@cnop/services/order/orders/place-order.ts'
import { claimReward, type RewardParts } from '@cnop/services/order/rewards/claim-reward.ts'
import { readRedPocket } from '@cnop/services/order/rewards/red-pocket.ts'
import { ASSET_SCALES, createMarket } from './simulated-market.ts'
import { createVirtualTime, type VirtualTime } from './virtual-time.ts'

/** Just before midnight UTC, so that daily limits start anew on the way. */
const START_MS = Date.UTC(2026, 0, 31, 23, 59, 59)
const USERS = ['01J0000000000000000000000A', '01J0000000000000000000000B']
/** Processes over one store at the same time, so that the store's conditions are all there is. */
const REPLICAS = 2
const CLIENTS_PER_USER = 3
const STEPS_PER_CLIENT = 8
const ATTEMPTS_MAX = 4
const SERVICE_MS_MAX = 400
const CLIENT_MS_MAX = 600

const RIGHT_PHRASE = 'the right one'
/** Guesses are not what these customers are about. */
const REWARDS: RewardParts = {
  redPocket: readRedPocket({ phrases: [{ phrase: RIGHT_PHRASE, amount_usd: '88.88' }] }),
  cache: createMemoryCache(),
  guessesPerHour: 1_000_000,
}

const NO_FAULTS: FaultRates = { lostRequest: 0, lostReply: 0, conflict: 0, throttled: 0, crash: 0 }

export type Outcome = {
  readonly seed: number
  /** A hash of every step in its order: the same seed gives the same. */
  readonly trace: string
  readonly faults: Readonly<Record<FaultKind, number>>
  /** How often each route ended with each status or code. */
  readonly reached: Readonly<Record<string, number>>
  /** What does not hold; empty is the promise. */
  readonly broken: readonly string[]
}

type Intent = {
  readonly userId: string
  readonly key: string
  readonly route: Route
  readonly body: { readonly amount: string } | { readonly phrase: string } | OrderBody
}

/** An answer, or the code of the problem that is no answer of the key. */
type Reply = Answer | { readonly refused: string }

type World = {
  readonly time: VirtualTime
  readonly chance: () => number
  /** The store without faults: what the auditor reads. */
  readonly truth: Store
  readonly rules: OrderRules
  readonly quoteOf: Parameters<typeof placeOrder>[1]['quoteOf']
  readonly trace: string[]
  readonly ended: { readonly intent: Intent; readonly answer: Answer }[]
  readonly open: Intent[]
  /** Those that have crashed stay in the list, for their counts. */
  readonly processes: SimulatedProcess[]
}

type Ask = (intent: Intent) => Promise<Answer>

type SimulatedProcess = {
  readonly ask: Ask
  readonly faults: Readonly<Record<FaultKind, number>>
  alive: boolean
}

export async function simulate(seed: number): Promise<Outcome> {
  const world = createWorld(seed)
  const { time } = world
  const rates = drawnRates(world.chance)
  for (let replica = 0; replica < REPLICAS; replica += 1) startProcess(world, rates)
  await time.run(Promise.all(USERS.flatMap((userId) => clientsOf(world, userId))))
  for (const process_ of world.processes) process_.alive = false
  startProcess(world, NO_FAULTS)
  await time.run(finishWhatIsOpen(world))
  const broken = await time.run(whatDoesNotHold(world))
  return {
    seed,
    trace: createHash('sha256').update(world.trace.join('\n')).digest('hex'),
    faults: faultsOf(world),
    reached: reachedBy(world),
    broken,
  }
}

function createWorld(seed: number): World {
  const chance = createChance(seed)
  const time = createVirtualTime(START_MS)
  return {
    time,
    chance,
    truth: createMemoryStore({ now: time.now }),
    rules: { ...ORDER_RULES_DEFAULT, feeBasisPoints: BigInt(Math.floor(chance() * 3) * 7) },
    quoteOf: createMarket({ chance, now: time.now }),
    trace: [],
    ended: [],
    open: [],
    processes: [],
  }
}

const drawnRates = (chance: () => number): FaultRates => ({
  lostRequest: chance() * 0.08,
  lostReply: chance() * 0.08,
  conflict: chance() * 0.15,
  throttled: chance() * 0.08,
  crash: chance() * 0.012,
})

/** A process over the one store. After a crash it never answers again, and the next takes its place. */
function startProcess(world: World, rates: FaultRates): void {
  const { time, chance, rules, quoteOf, processes } = world
  const number = processes.length
  const faulty = createFaultyStore({
    store: world.truth,
    chance,
    rates,
    onCrash: () => {
      world.trace.push(`process ${number} crashed`)
      own.alive = false
      startProcess(world, rates)
    },
  })
  const store = createDawdlingStore({ store: faulty, chance, pause: time.pause, pauseMsMax: 12 })
  const ledger = createLedger({
    store,
    clock: { now: time.now, random: chance, pause: time.pause },
  })
  let ids = 0
  const newId = (): string => {
    ids += 1
    return `01J${String(number).padStart(5, '0')}${String(ids).padStart(18, '0')}`
  }
  const parts = { ledger, rules, newId, quoteOf }
  const ask: Ask = ({ userId, key, route, body }) => {
    const actor = { kind: 'customer' } as const
    const deadline = time.now() + SERVICE_MS_MAX
    const asked = { userId, actor, requestId: 'simulated', key, deadline, route, params: {} }
    if ('order_type' in body) return placeOrder({ ...asked, body }, parts)
    if ('phrase' in body)
      return claimReward({ ...asked, body }, { ...parts, ...REWARDS, now: time.now })
    return route === deposit
      ? depositCash({ ...asked, body }, parts)
      : withdrawCash({ ...asked, body }, parts)
  }
  const own: SimulatedProcess = { ask, faults: faulty.counts, alive: true }
  processes.push(own)
}

const clientsOf = (world: World, userId: string): Promise<void>[] =>
  Array.from({ length: CLIENTS_PER_USER }, (_, client) => runClient(world, userId, client))

async function runClient(world: World, userId: string, client: number): Promise<void> {
  const { time, chance, ended, open } = world
  for (let step = 0; step < STEPS_PER_CLIENT; step += 1) {
    await time.pause(chance() * 120)
    const intent = await nextIntent(
      world,
      userId,
      `client-${client}-step-${step}-${userId.slice(-1)}`,
    )
    const impatient = chance() < 0.15
    const [answer] = await Promise.all([
      askAgain(world, intent, ATTEMPTS_MAX),
      impatient ? askAgain(world, intent, 1) : undefined,
    ])
    if (answer === undefined) open.push(intent)
    else ended.push({ intent, answer })
  }
}

/** Asks until there is an answer of the key; `undefined` when there is none after so many attempts. */
async function askAgain(
  world: World,
  intent: Intent,
  attempts: number,
): Promise<Answer | undefined> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const reply = await askOnce(world, intent)
    world.trace.push(`${world.time.now()} ${intent.key} ${JSON.stringify(reply)}`)
    if ('status' in reply) return reply
    await world.time.pause(world.chance() * 50)
  }
  return undefined
}

async function askOnce(world: World, intent: Intent): Promise<Reply> {
  const { time, chance } = world
  const living = world.processes.filter(({ alive }) => alive)
  const process_ = living[Math.floor(chance() * living.length)]
  if (process_ === undefined) throw new Error('No process runs')
  const late = time.pause(CLIENT_MS_MAX).then((): Reply => ({ refused: 'no-answer' }))
  const reply = process_.ask(intent).catch((thrown: unknown): Reply => {
    if (thrown instanceof Problem) return { refused: thrown.code }
    throw thrown
  })
  return Promise.race([reply, late])
}

/** Often for all there is, or for a cent more: that is where the mistakes are. */
async function nextIntent(world: World, userId: string, key: string): Promise<Intent> {
  const { chance, truth } = world
  const assets = Object.keys(ASSET_SCALES)
  const asset = assets[Math.floor(chance() * assets.length)] ?? 'BTC'
  const [cashRow, assetRow] = await truth.snapshot([
    balanceKey(userId, CASH),
    balanceKey(userId, asset),
  ])
  const cash = cashRow === undefined ? 0n : loadBalance(CASH, cashRow).a
  const held = assetRow === undefined ? 0n : loadBalance(asset, assetRow).a
  const about = (least: bigint): string => {
    const edge = [least, least + 1n, least / 2n, least / 3n][Math.floor(chance() * 4)] ?? least
    return formatUsd(edge > 0n ? edge : 100n)
  }
  const kind = chance()
  if (kind < 0.04) {
    const phrase = chance() < 0.5 ? RIGHT_PHRASE : 'any phrase'
    return { userId, key, route: claimRewardRoute, body: { phrase } }
  }
  if (kind < 0.3)
    return {
      userId,
      key,
      route: deposit,
      body: { amount: formatUsd(BigInt(1 + Math.floor(chance() * 400_000))) },
    }
  if (kind < 0.45) return { userId, key, route: withdraw, body: { amount: about(cash) } }
  if (kind < 0.75) {
    return {
      userId,
      key,
      route: placeOrderRoute,
      body: { order_type: 'market_buy', asset_id: asset, notional: about(cash) },
    }
  }
  const scale = ASSET_SCALES[asset] ?? 0
  const quantity = quantityText(
    [held, held + 1n, held / 2n][Math.floor(chance() * 3)] ?? held,
    scale,
  )
  return {
    userId,
    key,
    route: placeOrderRoute,
    body: { order_type: 'market_sell', asset_id: asset, quantity },
  }
}

function quantityText(units: bigint, scale: number): string {
  const digits = (units > 0n ? units : 1n).toString().padStart(scale + 1, '0')
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

async function finishWhatIsOpen(world: World): Promise<void> {
  for (const intent of world.open) {
    const answer = await askAgain(world, intent, 2)
    if (answer === undefined) throw new Error(`${intent.key} does not finish without faults`)
    world.ended.push({ intent, answer })
  }
}

async function whatDoesNotHold(world: World): Promise<string[]> {
  const broken: string[] = []
  for (const userId of USERS) {
    const audit = await auditAccount({ store: world.truth, userId, nowMs: world.time.now() })
    broken.push(
      ...audit.checks
        .filter(({ ok }) => !ok)
        .map(({ rule, detail }) => `${userId} ${rule} ${detail}`),
    )
    broken.push(...(await modelMisfits(world, userId)))
  }
  for (const { intent, answer } of world.ended) {
    const again = await askOnce(world, intent)
    const same =
      'status' in again &&
      again.replayed &&
      again.status === answer.status &&
      again.body === answer.body
    if (!same)
      broken.push(`${intent.key} was answered ${answer.body} and is now ${JSON.stringify(again)}`)
  }
  return broken
}

/** What the customers were told, added up without any code of the ledger. */
async function modelMisfits(world: World, userId: string): Promise<string[]> {
  const expected = new Map<string, bigint>()
  const add = (asset: string, amount: bigint): void =>
    void expected.set(asset, (expected.get(asset) ?? 0n) + amount)
  for (const { intent, answer } of world.ended) {
    if (intent.userId === userId && answer.status < 300)
      addAnswer(intent, JSON.parse(answer.body), add)
  }
  const misfits: string[] = []
  for (const asset of [CASH, ...Object.keys(ASSET_SCALES)]) {
    const [row] = await world.truth.snapshot([balanceKey(userId, asset)])
    const stored = row === undefined ? 0n : loadBalance(asset, row).a
    const told = expected.get(asset) ?? 0n
    if (stored !== told) misfits.push(`${userId} has ${stored} ${asset} and was told ${told}`)
  }
  return misfits
}

/** `amount` is told of a reward, `data` of an order. */
type ToldOrder = {
  amount?: string
  data: { order_type: string; asset_id: string; filled_quantity: string; total_amount: string }
}

function addAnswer(
  intent: Intent,
  answer: ToldOrder,
  add: (asset: string, amount: bigint) => void,
): void {
  if ('phrase' in intent.body) {
    add(CASH, parseUsd(answer.amount ?? '') ?? 0n)
    return
  }
  if ('amount' in intent.body) {
    const cents = parseUsd(intent.body.amount) ?? 0n
    add(CASH, intent.route === deposit ? cents : -cents)
    return
  }
  const { order_type, asset_id, filled_quantity, total_amount } = answer.data
  const sign = order_type === 'market_buy' ? 1n : -1n
  add(CASH, -sign * (parseUsd(total_amount) ?? 0n))
  add(asset_id, sign * (parseDecimal(filled_quantity, ASSET_SCALES[asset_id] ?? 0) ?? 0n))
}

function faultsOf({ processes }: World): Record<FaultKind, number> {
  const sum = { lostRequest: 0, lostReply: 0, conflict: 0, throttled: 0, crash: 0 }
  for (const { faults } of processes) {
    for (const kind of Object.keys(sum) as FaultKind[]) sum[kind] += faults[kind]
  }
  return sum
}

function reachedBy({ ended }: World): Record<string, number> {
  const reached: Record<string, number> = {}
  for (const { intent, answer } of ended) {
    const side = 'order_type' in intent.body ? intent.body.order_type : intent.route.name
    const ending = answer.status < 300 ? 'done' : JSON.parse(answer.body).code
    const name = `${side} ${ending}`
    reached[name] = (reached[name] ?? 0) + 1
  }
  return reached
}
