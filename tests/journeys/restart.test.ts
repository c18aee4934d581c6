/** The platform ends and starts again on what it has: nothing is lost, and nobody signs in again. */
import { rm } from 'node:fs/promises'
import { getBalance, listCashTransactions } from '@cnop/contract/balance.ts'
import { call, fetchSend } from '@cnop/contract/call.ts'
import { type Candle, getCandles } from '@cnop/contract/inventory.ts'
import { getOrder, listOrders } from '@cnop/contract/order.ts'
import { getPortfolio, verifyLedger } from '@cnop/contract/portfolio.ts'
import { getWatchlist, putWatchlist } from '@cnop/contract/user.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf } from '../audits.ts'
import { type Customer, newCustomer, signedIn } from '../customers.ts'
import { TOPOLOGIES, temporaryDataDir } from '../topologies.ts'

const MINUTE_MS = 60_000

type Belongings = Awaited<ReturnType<typeof belongingsOf>>

/** All that a customer has and that no tick of the market changes. */
async function belongingsOf(customer: Customer) {
  const portfolio = await customer.call(getPortfolio, {})
  const { updated_at: _, ...cash } = await customer.call(getBalance, {})
  const { data: proof } = await customer.call(verifyLedger, {})
  return {
    cash,
    transactions: await customer.call(listCashTransactions, {}),
    orders: await customer.call(listOrders, {}),
    assets: portfolio.assets.map(({ asset_id, quantity, average_cost }) => ({
      asset_id,
      quantity,
      average_cost,
    })),
    watchlist: await customer.call(getWatchlist, {}),
    books: { ok: proof.ok, events: proof.events, head: proof.head_hash },
  }
}

async function candlesAt(url: string): Promise<readonly Candle[]> {
  const oneMinute = { params: { asset_id: 'BTC' }, query: { interval: '1m' } } as const
  return (await call(fetchSend({ url }), getCandles, oneMinute)).data
}

describe.each(TOPOLOGIES)('a restart, %s', (_, start) => {
  let dataDir: string
  let before: Belongings
  let candlesBefore: readonly Candle[]
  let old: Customer
  let url: string
  let stop: () => Promise<void>

  beforeAll(async () => {
    dataDir = await temporaryDataDir()
    const first = await start({ dataDir })
    old = await newCustomer(first.url)
    await old.deposit('2500.00')
    await old.order({ order_type: 'market_buy', asset_id: 'BTC', notional: '700' })
    await old.order({ order_type: 'market_buy', asset_id: 'ETH', quantity: '0.1' })
    await old.withdraw('12.34')
    await old.call(putWatchlist, { body: { asset_ids: ['SOL', 'BTC'] } })
    before = await belongingsOf(old)
    candlesBefore = await candlesAt(first.url)
    await first.stop()
    const second = await start({ dataDir })
    ;({ url, stop } = second)
  })
  afterAll(async () => {
    await stop?.()
    await rm(dataDir, { recursive: true })
  })

  it('keeps the accounts and everything in them', async () => {
    const again = await signedIn(url, old)
    expect(before.assets).toHaveLength(2)
    expect(await belongingsOf(again)).toEqual(before)
    const [newest] = before.orders.data
    const order = { params: { order_id: newest!.order_id } }
    expect((await again.call(getOrder, order)).data).toEqual(newest)
  })

  it('ends no session: the token from before is as good as ever', async () => {
    const send = fetchSend({ url, token: () => old.token })
    expect(await call(send, getWatchlist, {})).toEqual(before.watchlist)
  })

  it('leaves no gap in the candles, and rewrites none that had ended', async () => {
    const after = await candlesAt(url)
    const times = after.map(({ time }) => Date.parse(time))
    expect(times).toHaveLength(300)
    expect(times.slice(1).every((time, index) => time - times[index]! === MINUTE_MS)).toBe(true)
    expect(Date.now() - times.at(-1)!).toBeLessThan(MINUTE_MS + 5_000)
    const known = new Map(after.map((candle) => [candle.time, candle]))
    const ended = candlesBefore.slice(0, -1).filter(({ time }) => known.has(time))
    expect(ended.length).toBeGreaterThan(290)
    for (const candle of ended) expect(known.get(candle.time)).toEqual(candle)
  })

  it('goes on where the books stood', async () => {
    const again = await signedIn(url, old)
    await again.order({ order_type: 'market_sell', asset_id: 'ETH', quantity: '0.1' })
    const { data: proof } = await again.call(verifyLedger, {})
    expect(proof).toMatchObject({ ok: true, events: before.books.events + 1 })
    expect(await auditOf(dataDir)).toMatchObject({ clean: true })
  })
})
