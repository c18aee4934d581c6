/**
 * The order service under a seed, which says what is asked and when, what the clocks and the market
 * do, and what fails. First safety under faults; then they stop, and all that is open must finish
 * soon; then the books are audited, and held against every answer that was given.
 */
import { createHash } from 'node:crypto'
import { Problem } from '@cnop/contract/problem.ts'
import { idempotencyKey } from '@cnop/services/order/ledger/idempotency-rows.ts'
import { isOpen } from '@cnop/services/order/orders/order-states.ts'
import { whatDoesNotHold } from './simulated-checks.ts'
import type { Tick } from './simulated-market.ts'
import type { Intent, SimulatedProcess, Wish } from './simulated-process.ts'
import { customersWish, operatorsWish, ordersOf, WAITING_ASSET } from './simulated-wishes.ts'
import {
  type Attempts,
  addProcess,
  calm,
  count,
  createWorld,
  type Reply,
  type World,
} from './simulated-world.ts'

/** Processes over one store at the same time, so that the store's conditions are all there is. */
const REPLICAS = 2
const CLIENTS_PER_USER = 3
const STEPS_PER_CLIENT = 7
const STEPS_PER_OPERATOR = 4
const ATTEMPTS_MAX = 4
/** Wishes of each user at once when nothing fails any more. */
const BURST = 3
const CLIENT_MS_MAX = 600
/** Without faults, an answer comes within this time, at the second attempt at the latest. */
const CALM_MS_MAX = 400
const CALM_ATTEMPTS_MAX = 2
const CLOCK_JUMPS_MS = [-3_600_000, -5_000, -300, 300, 5_000, 3_600_000] as const

export type Outcome = {
  readonly seed: number
  /** A hash of every step in its order: the same seed gives the same. */
  readonly trace: string
  /** How often everything that is counted was met. */
  readonly reached: ReadonlyMap<string, number>
  /** What does not hold; empty is the promise. */
  readonly broken: readonly string[]
}

export async function simulate(seed: number): Promise<Outcome> {
  const world = createWorld(seed)
  const { time, trace, reached, broken } = world
  for (let replica = 0; replica < REPLICAS; replica += 1) addProcess(world)
  const asking = world.users.flatMap((userId) => [
    ...Array.from({ length: CLIENTS_PER_USER }, (_, client) => runClient(world, userId, client)),
    runOperator(world, userId),
  ])
  const market = runMarket(world)
  await time.run(Promise.all(asking))
  world.trading = false
  await time.run(market)
  calm(world)
  await time.run(finishWhatIsOpen(world))
  await time.run(
    whatDoesNotHold(world, (intent) => askOnce(world, intent)).then((found) => {
      broken.push(...found)
    }),
  )
  return { seed, trace: digestOf(trace), reached, broken }
}

const digestOf = (trace: readonly string[]): string =>
  createHash('sha256').update(trace.join('\n')).digest('hex')

async function runMarket(world: World): Promise<void> {
  const { time, chance, market } = world
  const arrivals: Promise<unknown>[] = []
  const tell = (thrown: unknown): number => world.broken.push(String(thrown))
  while (world.trading) {
    const { tick, pauseMs, deliveries } = market.move()
    for (const process_ of world.processes) {
      if (chance() < world.rates.clockJump) jump(world, process_)
      for (const delayMs of deliveries())
        arrivals.push(deliver(world, process_, tick, delayMs).catch(tell))
    }
    await time.pause(pauseMs)
  }
  await Promise.all(arrivals)
}

function jump(world: World, process_: SimulatedProcess): void {
  const at = Math.floor(world.chance() * CLOCK_JUMPS_MS.length)
  process_.skewMs += CLOCK_JUMPS_MS[at] ?? 0
  count(world, `clock jumped ${CLOCK_JUMPS_MS[at]} ms`)
}

/** Each delivery of a tick has the open orders filled that it reaches, each once under one key. */
async function deliver(
  world: World,
  process_: SimulatedProcess,
  tick: Tick,
  delayMs: number,
): Promise<void> {
  await world.time.pause(delayMs)
  if (!process_.alive) return
  process_.view.tick = tick
  await Promise.all(world.users.map((userId) => fillReached(world, userId, tick)))
}

async function fillReached(world: World, userId: string, tick: Tick): Promise<void> {
  const { price = 0n } = tick.quotes.get(WAITING_ASSET) ?? {}
  const orders = await ordersOf(world.truth, userId)
  const reached = orders.filter(
    (order) => order.type === 'limit_buy' && isOpen(order.status) && price <= (order.price ?? 0n),
  )
  const parts = price % 3n === 0n ? 1n : 2n
  await Promise.all(
    reached.map(({ id, asset }) => {
      const wish: Wish = { kind: 'fill', body: { orderId: id, asset, parts } }
      return ask(world, { userId, key: `${tick.name}-${id}`, wish })
    }),
  )
}

async function runClient(world: World, userId: string, client: number): Promise<void> {
  const { time, chance, truth, market } = world
  for (let step = 0; step < STEPS_PER_CLIENT; step += 1) {
    await time.pause(chance() * 120)
    const wish = await customersWish({ userId, truth, chance, tick: market.latest() })
    if (wish.kind === 'market' && chance() < 0.3) await preview(world, userId, wish.body)
    await ask(world, { userId, key: `${userId.slice(-1)}-${client}-step-${step}`, wish })
    if (chance() < 0.1) await askForAnother(world, userId)
  }
}

async function runOperator(world: World, userId: string): Promise<void> {
  const { time, chance, truth, market } = world
  for (let step = 0; step < STEPS_PER_OPERATOR; step += 1) {
    await time.pause(chance() * 200)
    const wish = await operatorsWish({ userId, truth, chance, tick: market.latest() })
    await ask(world, { userId, key: `${userId.slice(-1)}-operator-${step}`, wish })
  }
}

async function ask(world: World, intent: Intent): Promise<void> {
  const impatient = world.chance() < 0.15
  const [answer] = await Promise.all([
    askAgain(world, intent, ATTEMPTS_MAX),
    impatient ? askAgain(world, intent, 1) : undefined,
  ])
  if (answer === undefined) world.open.push(intent)
  else world.ended.push({ intent, answer })
}

/** Under a key that has had its answer, nothing else can be asked. */
async function askForAnother(world: World, userId: string): Promise<void> {
  const [before] = world.ended.filter(
    ({ intent, answer }) => intent.userId === userId && 'status' in answer,
  )
  if (before === undefined) return
  const wish: Wish = { kind: 'deposit', body: { amount: '77777.77' } }
  const reply = await askOnce(world, { userId, key: before.intent.key, wish })
  if ('status' in reply || reply.refused === 'order-not-found')
    world.broken.push(`${before.intent.key} was asked for another thing: ${JSON.stringify(reply)}`)
}

/** What a preview says is no promise; but it says something, and changes nothing. */
async function preview(
  world: World,
  userId: string,
  body: Extract<Wish, { kind: 'market' }>['body'],
): Promise<void> {
  const { time } = world
  const late = time.pause(CLIENT_MS_MAX).then(() => 'no-answer')
  const said = chosen(world)
    .preview(userId, body)
    .then(() => 'done', codeOf)
  count(world, `preview ${await Promise.race([said, late])}`)
}

/** Asks until there is an answer of the key; `undefined` when there is none after so many attempts. */
async function askAgain(
  world: World,
  intent: Intent,
  attempts: number,
): Promise<Reply | undefined> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const reply = await askOnce(world, intent)
    world.trace.push(`${world.time.now()} ${intent.key} ${JSON.stringify(reply)}`)
    if ('status' in reply || DEFINITE.includes(reply.refused)) return reply
    await world.time.pause(world.chance() * 50)
  }
  return undefined
}

/** Refusals that no key keeps: asked again, the request would be refused again. */
const DEFINITE = ['invalid-input', 'order-not-found']
/** What may be answered to a request that is worth asking again. */
const PASSING = ['contention', 'no-answer', 'outcome-unknown', 'prices-stale', 'store-unavailable']

const codeOf = (thrown: unknown): string => {
  if (thrown instanceof Problem) return thrown.code
  throw thrown
}

function chosen({ processes, chance }: World): SimulatedProcess {
  const process_ = processes[Math.floor(chance() * processes.length)]
  if (process_ === undefined) throw new Error('No process runs')
  return process_
}

async function askOnce(world: World, intent: Intent): Promise<Reply> {
  const { time, attempts } = world
  const { key } = intent
  const before = attempts.get(key) ?? { begun: 0, unsettled: 0 }
  attempts.set(key, { begun: before.begun + 1, unsettled: before.unsettled + 1 })
  const late = time.pause(CLIENT_MS_MAX).then((): Reply => ({ refused: 'no-answer' }))
  const reply = chosen(world)
    .ask(intent)
    .catch((thrown: unknown): Reply => ({ refused: codeOf(thrown) }))
    .finally(() => {
      const { begun = 0, unsettled = 0 } = attempts.get(key) ?? {}
      attempts.set(key, { begun, unsettled: unsettled - 1 })
    })
  const first = await Promise.race([reply, late])
  if ('refused' in first) await holdToRefusal(world, intent, { code: first.refused, before })
  return first
}

/**
 * Whoever is told that nothing happened is told the truth: about the only attempt there was, and,
 * where the request was decided, about all that went before.
 */
async function holdToRefusal(
  world: World,
  { userId, key, wish }: Intent,
  { code, before }: { code: string; before: Attempts },
): Promise<void> {
  const { truth, attempts, broken } = world
  count(world, `${wish.kind} ${code}`)
  if (![...DEFINITE, ...PASSING, 'idempotency-key-reused'].includes(code))
    broken.push(`${key} was told ${code}`)
  const { begun = 0, unsettled = 0 } = attempts.get(key) ?? {}
  const alone = before.unsettled === 0 && unsettled === 0 && begun === before.begun + 1
  const decided = [...DEFINITE, 'prices-stale'].includes(code)
  const claims = decided || ['contention', 'store-unavailable'].includes(code)
  if (!claims || !alone || (!decided && begun > 1)) return
  const [row] = await truth.snapshot([idempotencyKey(userId, key)])
  if (row !== undefined) broken.push(`${key} was told ${code}, and it had happened`)
}

/**
 * All that is open at once, with more beside it. Then whatever waits for a price is cancelled, and
 * nothing is held any more.
 */
async function finishWhatIsOpen(world: World): Promise<void> {
  const { open, truth, chance, market } = world
  const burst = world.users.flatMap((userId) =>
    Array.from({ length: BURST }, async (_, index): Promise<Intent> => {
      const wish = await customersWish({ userId, truth, chance, tick: market.latest() })
      return { userId, key: `${userId.slice(-1)}-burst-${index}`, wish }
    }),
  )
  const together = [...open, ...(await Promise.all(burst))]
  open.length = 0
  await Promise.all(together.map((intent) => finish(world, intent)))
  for (const userId of world.users) {
    for (const { id, status } of await ordersOf(truth, userId)) {
      if (!isOpen(status)) continue
      const wish: Wish = { kind: 'cancel', body: { orderId: id } }
      await finish(world, { userId, key: `last-${id}`, wish })
    }
  }
}

async function finish(world: World, intent: Intent): Promise<void> {
  const { time, ended, broken, market, processes } = world
  for (const { view } of processes) view.tick = { ...market.latest(), atMs: time.now() }
  const startedMs = time.now()
  const answer = await askAgain(world, intent, CALM_ATTEMPTS_MAX)
  const tookMs = time.now() - startedMs
  if (answer === undefined) broken.push(`${intent.key} does not finish without faults`)
  else ended.push({ intent, answer })
  if (tookMs > CALM_MS_MAX) broken.push(`${intent.key} took ${tookMs} ms without faults`)
}
