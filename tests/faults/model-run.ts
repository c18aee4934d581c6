/** Histories of an account: what is asked of the service is asked of the model, and compared. */
import type { Row } from '@cnop/kit/store/store.ts'
import { auditAccount } from '@cnop/services/order/audit/audit-account.ts'
import { ORDER_RULES_DEFAULT } from '@cnop/services/order/order-rules.ts'
import { rowsOf } from '@cnop/services/order/testing/stored-rows.ts'
import {
  type AccountModel,
  ASSETS,
  ask,
  type Ended,
  type Limits,
  NEW_ACCOUNT,
  type Quoted,
  type Request,
} from './account-model.ts'
import { createDesk, type Desk, type Site, type Told, type TradeWish } from './model-commands.ts'
import { clockAfter, type MarketStep, type RequestStep, type Step, wishOf } from './model-steps.ts'

const START_MS = Date.UTC(2026, 0, 30, 9)
const FIRST_PRICE = 164_530_000_001n
const TOGETHER_MAX = 3

export type Run = {
  readonly userId: string
  readonly feeBasisPoints: bigint
  readonly steps: readonly Step[]
}

/** How often each kind of step ended how. */
export type Reached = Map<string, number>

type World = {
  readonly run: Run
  readonly limits: Limits
  readonly desk: Desk
  readonly market: Map<string, Quoted>
  readonly time: { nowMs: number }
  readonly reached: Reached
  /** Everything asked so far, and the bytes of the answer by key. */
  readonly asked: Request[]
  readonly answers: Map<string, string | undefined>
  readonly orderIds: string[]
  /** Every state of the account that fits what was seen. */
  models: readonly AccountModel[]
}

/** Throws where the service and the model come apart. */
export async function runModel(site: Site, run: Run, reached: Reached): Promise<void> {
  const world = createWorld(site, run, reached)
  let together: RequestStep[] = []
  const flush = async (): Promise<void> => {
    const steps = together
    together = []
    if (steps.length > 0) await askTogether(site, world, steps)
  }
  for (const { what, joins } of run.steps) {
    const isMarket = isMarketStep(what)
    if (isMarket || !joins || together.length === TOGETHER_MAX) await flush()
    if (isMarket) moveMarket(world, what)
    else together.push(what)
  }
  await flush()
  await compareRows(site, world)
}

function createWorld(site: Site, run: Run, reached: Reached): World {
  const { userId, feeBasisPoints } = run
  const { orderMin, orderMax, depositPerDayMax, withdrawPerDayMax } = ORDER_RULES_DEFAULT
  const time = { nowMs: START_MS }
  const market = new Map(
    ASSETS.map((asset) => [asset, { price: FIRST_PRICE, halted: false, stale: false }]),
  )
  return {
    run,
    limits: {
      feeBasisPoints,
      orderMin,
      orderMax,
      depositMax: depositPerDayMax,
      withdrawMax: withdrawPerDayMax,
    },
    desk: createDesk(site, {
      userId,
      feeBasisPoints,
      nowMs: () => time.nowMs,
      quoted: (asset) => quotedIn(market, asset),
    }),
    market,
    time,
    reached,
    asked: [],
    answers: new Map(),
    orderIds: [],
    models: [NEW_ACCOUNT],
  }
}

function isMarketStep(step: RequestStep | MarketStep): step is MarketStep {
  return ['price', 'trouble', 'calm', 'clock'].includes(step.kind)
}

function moveMarket({ market, time }: World, step: MarketStep): void {
  const change = (asset: string, quoted: Partial<Quoted>): void =>
    void market.set(asset, { ...quotedIn(market, asset), ...quoted })
  switch (step.kind) {
    case 'price':
      change(step.asset, { price: step.price })
      break
    case 'trouble':
      change(step.asset, { [step.what]: true })
      break
    case 'calm':
      for (const asset of ASSETS) change(asset, { halted: false, stale: false })
      break
    case 'clock':
      time.nowMs = clockAfter(time.nowMs, step.to)
  }
}

function quotedIn(market: ReadonlyMap<string, Quoted>, asset: string): Quoted {
  const quoted = market.get(asset)
  if (quoted === undefined) throw new Error(`The market has no ${asset}`)
  return quoted
}

/** All of them at once. What came of it must be what comes of them one after another, in some order. */
async function askTogether(site: Site, world: World, steps: readonly RequestStep[]): Promise<void> {
  const { desk, reached } = world
  const requests = steps.map((step) => requestOf(world, step))
  const previewed = await previewOf(desk, steps, requests)
  const told = await Promise.all(requests.map((request, index) => desk.send(request, index)))
  const observed = told.map(({ ended }) => ended)
  const orders = ordersOf(requests.map((_, index) => index))
  const played = world.models.flatMap((model) =>
    orders.map((order) => playedOut(world, model, { requests, order })),
  )
  const fitting = played.filter(({ endings }) => text(endings) === text(observed))
  if (fitting.length === 0) {
    const expected = text(played[0]?.endings)
    throw new Error(`${text(requests)} ended as ${text(observed)}; the model says ${expected}`)
  }
  const [first] = observed
  if (previewed !== undefined && previewed !== first?.outcome)
    throw new Error(`${text(requests)} ended as ${text(first)}; the preview said ${previewed}`)
  keepAnswers(world, requests, told)
  world.models = await asStored(site, world, distinct(fitting.map(({ model }) => model)))
  for (const [index, step] of steps.entries()) count(reached, step, observed[index])
}

/** Of an order that is asked for alone and for the first time. */
async function previewOf(
  desk: Desk,
  [step, ...more]: readonly RequestStep[],
  [request]: readonly Request[],
): Promise<string | undefined> {
  if (more.length > 0 || (step?.kind !== 'buy' && step?.kind !== 'sell')) return undefined
  return desk.preview(request?.wish as TradeWish)
}

/** A replayed answer is the first one, to the byte. */
function keepAnswers(
  { answers, orderIds }: World,
  requests: readonly Request[],
  told: readonly Told[],
): void {
  for (const [index, { ended, body, orderId }] of told.entries()) {
    if (ended.replayed || body === undefined) continue
    answers.set(requests[index]?.key ?? '', body)
    if (orderId !== undefined) orderIds.push(orderId)
  }
  for (const [index, { ended, body }] of told.entries()) {
    const { key = '' } = requests[index] ?? {}
    if (ended.replayed && answers.get(key) !== body)
      throw new Error(`${key} was answered ${answers.get(key)}, and is now ${body}`)
  }
}

/** Of a freeze and a release at once, and of a correction and a trade, the answers do not say which came first. */
const distinct = (models: readonly AccountModel[]): readonly AccountModel[] => [
  ...new Map(
    models.map((model) => [text([model.frozen, model.events, [...model.costs]]), model]),
  ).values(),
]

/** What was stored says which came first, where it makes a difference to what a holding cost. */
async function asStored(
  site: Site,
  { run }: World,
  models: readonly AccountModel[],
): Promise<readonly AccountModel[]> {
  if (models.length <= 1) return models
  const stored = text(storedFigures(await rowsOf(site.truth, run.userId)).costs)
  const fitting = models.filter((model) => text(expectedFigures(model).costs) === stored)
  return fitting.length > 0 ? fitting : models
}

function count(reached: Reached, { kind }: RequestStep, ended: Ended | undefined): void {
  const outcome = ended?.replayed ? 'replayed' : ended?.outcome.replace(/ .*/, '')
  reached.set(`${kind} ${outcome}`, (reached.get(`${kind} ${outcome}`) ?? 0) + 1)
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString() : inner,
  )

/** Every order that so many requests can come in. */
function ordersOf(indexes: readonly number[]): (readonly number[])[] {
  if (indexes.length <= 1) return [indexes]
  return indexes.flatMap((first) =>
    ordersOf(indexes.filter((index) => index !== first)).map((rest) => [first, ...rest]),
  )
}

function playedOut(
  { limits, market, time }: World,
  before: AccountModel,
  { requests, order }: { requests: readonly Request[]; order: readonly number[] },
) {
  const at = { limits, nowMs: time.nowMs, quoted: (asset: string) => quotedIn(market, asset) }
  let model = before
  const endings: Ended[] = requests.map(() => ({ outcome: '', replayed: false }))
  for (const index of order) {
    const { ended, after } = ask(model, requests[index] as Request, at)
    model = after
    endings[index] = ended
  }
  return { endings, model }
}

function requestOf(world: World, step: RequestStep): Request {
  const request = drawnRequest(world, step)
  world.asked.push(request)
  return request
}

function drawnRequest(world: World, step: RequestStep): Request {
  const { asked, orderIds, models, limits, market, time } = world
  const [model = NEW_ACCOUNT] = models
  const key = `model-key-${String(asked.length).padStart(6, '0')}`
  switch (step.kind) {
    case 'again':
    case 'other-body': {
      const before = asked[step.pick % asked.length]
      if (before === undefined) return { key, wish: { kind: 'deposit', amount: 1n } }
      if (step.kind === 'again') return before
      const amount = before.wish.kind === 'deposit' ? before.wish.amount + 1n : 1n
      return { key: before.key, wish: { kind: 'deposit', amount } }
    }
    case 'cancel': {
      const known = step.known ? orderIds[step.pick % orderIds.length] : undefined
      const wish = { orderId: known ?? 'no-such-order', exists: known !== undefined }
      return { key, wish: { kind: 'cancel', ...wish } }
    }
    default: {
      const priceOf = (asset: string): bigint => quotedIn(market, asset).price
      return { key, wish: wishOf(step, { model, limits, nowMs: time.nowMs, priceOf }) }
    }
  }
}

/** The books are clean, and they say what the model says. */
async function compareRows(site: Site, { run, models, time }: World): Promise<void> {
  const { userId } = run
  const audit = await auditAccount({ store: site.truth, userId, nowMs: time.nowMs })
  const broken = audit.checks.filter(({ ok }) => !ok)
  if (broken.length > 0) throw new Error(`The audit says ${text(broken)}`)
  const stored = text(storedFigures(await rowsOf(site.truth, userId)))
  const expected = models.map((model) => text(expectedFigures(model)))
  if (!expected.includes(stored)) throw new Error(`Stored is ${stored}; the model says ${expected}`)
}

type Figures = ReturnType<typeof expectedFigures>

const expectedFigures = (model: AccountModel) => ({
  cash: model.cash,
  units: ASSETS.map((asset) => model.units.get(asset) ?? 0n),
  costs: ASSETS.map((asset) => model.costs.get(asset) ?? 0n),
  held: 0n,
  head: BigInt(model.events),
  cashMoves: BigInt(model.cashMoves),
  events: model.events,
  orders: model.orders,
  keys: model.kept.size,
})

function storedFigures(rows: ReadonlyMap<string, Row>): Figures {
  const figure = (sortKey: string, field: string): bigint =>
    (rows.get(sortKey)?.[field] ?? 0n) as bigint
  const rowsWith = (prefix: string): number =>
    [...rows.keys()].filter((sortKey) => sortKey.startsWith(prefix)).length
  return {
    cash: figure('B#USD', 'a'),
    units: ASSETS.map((asset) => figure(`B#${asset}`, 'a')),
    costs: ASSETS.map((asset) => figure(`B#${asset}`, 'cost')),
    held: ['USD', ...ASSETS].reduce((sum, asset) => sum + figure(`B#${asset}`, 'h'), 0n),
    head: figure('@HEAD', 'seq'),
    cashMoves: figure('@HEAD', 'cashTransactions'),
    events: rowsWith('E#'),
    orders: rowsWith('O#'),
    keys: rowsWith('I#'),
  }
}
