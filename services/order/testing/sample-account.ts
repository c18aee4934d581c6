/** Customers whose history real commands make, with prices, a clock and a bus to read it by: for tests. */
import type { Bus } from '@cnop/kit/bus/bus.ts'
import { createMemoryBus } from '@cnop/kit/bus/memory-bus.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { Answer } from '../ledger/commit-command.ts'
import { journalChannel } from '../stream/journal-channel.ts'
import { createSamplePrices, type SampleAsset, type SamplePrices } from './sample-prices.ts'
import { createTestLedger, type TestLedger } from './test-ledger.ts'
import type { HeldFill, HeldOrder } from './waiting-order.ts'

export const SAMPLE_TRACE = { requestId: 'sample-request', deadline: Number.MAX_SAFE_INTEGER }

/** Generous, so that a test can trade what it wants to. */
const SAMPLE_RULES = {
  orderMax: 1_000_000_00n,
  depositPerDayMax: 1_000_000_00n,
  withdrawPerDayMax: 1_000_000_00n,
}

/** A command that is refused throws: a sample that did not happen is no sample. */
export type SampleAccount = {
  deposit(amount: string): Promise<Answer>
  withdraw(amount: string): Promise<Answer>
  adjust(assetId: string, amount: string): Promise<Answer>
  freeze(): Promise<Answer>
  /** These tell the id of the order. */
  buy(assetId: string, quantity: string): Promise<string>
  sell(assetId: string, quantity: string): Promise<string>
  hold(order: HeldOrder): Promise<string>
  fill(fill: HeldFill): Promise<string>
  cancel(orderId: string): Promise<string>
}

export type SamplePlatform = {
  readonly store: Store
  readonly bus: Bus
  readonly prices: SamplePrices
  readonly now: () => number
  /** RFC 3339. The next command happens then. */
  setTime(at: string): void
  /** What it is worth from now on, to those who trade and to those who read. */
  setAsset(assetId: string, asset: SampleAsset): void
  account(userId: string): SampleAccount
}

export function createSamplePlatform({
  at,
  wrapStore = (store) => store,
}: {
  at: string
  wrapStore?: (store: Store) => Store
}): SamplePlatform {
  let nowMs = Date.parse(at)
  const now = (): number => nowMs
  const store = wrapStore(createMemoryStore({ now }))
  const ledger = createTestLedger({
    store,
    rules: SAMPLE_RULES,
    clock: { now, random: createChance(1) },
  })
  const bus = createMemoryBus((error) => {
    throw error
  })
  const prices = createSamplePrices(now)
  return {
    store,
    bus,
    prices,
    now,
    setTime(time) {
      nowMs = Date.parse(time)
    },
    setAsset(assetId, asset) {
      prices.set(assetId, asset)
      if (asset.price !== undefined) ledger.market.list(assetId, asset.price, asset.scale)
    },
    account: (userId) => sampleAccount({ userId, ledger, bus }),
  }
}

function sampleAccount({
  userId,
  ledger,
  bus,
}: {
  userId: string
  ledger: TestLedger
  bus: Bus
}): SampleAccount {
  const by = { userId }
  const told = async (command: Promise<Answer>): Promise<Answer> => {
    const answer = await command
    if (answer.status >= 400) throw new Error(answer.body)
    bus.publish(journalChannel(userId), '')
    return answer
  }
  const orderOf = async (command: Promise<Answer>): Promise<string> => {
    const { body } = await told(command)
    return (JSON.parse(body) as { data: { order_id: string } }).data.order_id
  }
  return {
    deposit: (amount) => told(ledger.deposit(amount, by)),
    withdraw: (amount) => told(ledger.withdraw(amount, by)),
    adjust: (asset_id, amount) => told(ledger.adjust({ asset_id, amount, reason: 'a sample' }, by)),
    freeze: () => told(ledger.setStatus('frozen', by)),
    buy: (asset_id, quantity) =>
      orderOf(ledger.place({ order_type: 'market_buy', asset_id, quantity }, by)),
    sell: (asset_id, quantity) =>
      orderOf(ledger.place({ order_type: 'market_sell', asset_id, quantity }, by)),
    hold: (order) => orderOf(ledger.holdOrder(order, by)),
    fill: (fill) => orderOf(ledger.fillPart(fill, by)),
    cancel: (orderId) => orderOf(ledger.cancel(orderId, by)),
  }
}
