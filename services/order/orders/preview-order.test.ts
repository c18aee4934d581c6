import type { OrderBody } from '@cnop/contract/order.ts'
import { OrderPreview } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { ALICE, holdingText, rowsOf } from '../testing/stored-rows.ts'
import { createTestLedger, NOON, type TestLedger } from '../testing/test-ledger.ts'
import { previewOrder } from './preview-order.ts'

const BUY: OrderBody = { order_type: 'market_buy', asset_id: 'BTC', quantity: '0.01' }

const previewOf = (ledger: TestLedger, body: OrderBody) =>
  previewOrder(
    { userId: ALICE, body },
    {
      store: ledger.store,
      quoteOf: ledger.market.quoteOf,
      rules: ledger.rules,
      now: ledger.clock.now,
    },
  )

async function richLedger() {
  const ledger = createTestLedger({ rules: { feeBasisPoints: 10n } })
  await ledger.deposit('1000')
  return ledger
}

it('a preview says what the order would cost and leave, and writes nothing', async () => {
  const ledger = await richLedger()
  const before = await rowsOf(ledger.store)
  expect(await previewOf(ledger, BUY)).toEqual({
    order_type: 'market_buy',
    asset_id: 'BTC',
    quantity: '0.01',
    price: '50000.00',
    quote_as_of: new Date(NOON - 250).toISOString(),
    stale_after: new Date(NOON + 4_750).toISOString(),
    worst_price: '50500.00',
    notional: '500.00',
    fee: '0.50',
    total_amount: '500.50',
    cash_after: '499.50',
    asset_after: '0.01',
  })
  expect(await rowsOf(ledger.store)).toEqual(before)
})

it('the worst price suggested is above the price for a buyer and below it for a seller', async () => {
  const ledger = await richLedger()
  await ledger.place(BUY)
  const sale = await previewOf(ledger, { ...BUY, order_type: 'market_sell' })
  expect(sale).toMatchObject({ worst_price: '49500.00', cash_after: '999.00', asset_after: '0' })
})

it('the worst price suggested to a seller is never nothing', async () => {
  const ledger = await richLedger()
  ledger.market.list('DUST', '0.000000000001', 0)
  await ledger.adjust({ asset_id: 'DUST', amount: '90000000000000', reason: 'a heap of it' })
  const sale: OrderBody = { order_type: 'market_sell', asset_id: 'DUST', notional: '10' }
  expect(await previewOf(ledger, sale)).toMatchObject({
    quantity: '10000000000000',
    worst_price: '0.000000000001',
  })
})

describe('a preview is refused with what would refuse the order', () => {
  it.each<[string, (ledger: TestLedger) => unknown, Partial<OrderBody>]>([
    ['invalid-input', () => {}, { quantity: '0' }],
    ['asset-not-found', () => {}, { asset_id: 'NONE' }],
    ['asset-not-found', () => {}, { asset_id: 'USD' }],
    ['account-frozen', (ledger) => ledger.setStatus('frozen'), {}],
    ['asset-halted', (ledger) => ledger.market.halt('BTC'), {}],
    ['prices-stale', (ledger) => ledger.market.stopAt(NOON - 60_000), {}],
    ['price-moved', () => {}, { worst_price: '1' }],
    ['order-too-small', () => {}, { quantity: '0.00000001' }],
    ['order-too-large', () => {}, { quantity: '5' }],
    ['insufficient-funds', () => {}, { quantity: '0.1' }],
    ['insufficient-holdings', () => {}, { order_type: 'market_sell' }],
    ['dependency-down', (ledger) => ledger.market.fail(new Problem('dependency-down')), {}],
  ])('%s', async (code, prepare, columns) => {
    const ledger = await richLedger()
    await prepare(ledger)
    const body = { ...BUY, ...columns }
    await expect(previewOf(ledger, body)).rejects.toMatchObject({ code })
    const placed = await ledger.place(body).then(
      (answer) => JSON.parse(answer.body).code,
      (thrown) => thrown.code,
    )
    expect(placed).toBe(code)
  })
})

it('an order then placed at the same quote does exactly what its preview said', async () => {
  const schema = Compile(OrderPreview)
  let filled = 0
  const sizes = fc.oneof(
    fc.integer({ min: 1, max: 3_000_000 }).map((units) => ({
      quantity: `0.${String(units).padStart(8, '0')}`,
    })),
    fc.integer({ min: 100, max: 120_000 }).map((cents) => ({
      notional: `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`,
    })),
  )
  await fc.assert(
    fc.asyncProperty(fc.boolean(), sizes, async (buys, size) => {
      const ledger = await richLedger()
      await ledger.place(BUY)
      const body: OrderBody = {
        order_type: buys ? 'market_buy' : 'market_sell',
        asset_id: 'BTC',
        ...size,
      }
      const preview = await previewOf(ledger, body).catch((thrown: unknown) => {
        if (thrown instanceof Problem) return undefined
        throw thrown
      })
      if (preview === undefined) return
      filled += 1
      expect(schema.Check(preview)).toBe(true)
      const { data } = JSON.parse((await ledger.place(body)).body)
      expect(data).toMatchObject({
        quantity: preview.quantity,
        total_amount: preview.total_amount,
        fee: preview.fee,
      })
      const cash = await holdingText(ledger.store, 'USD')
      expect(Number(cash.split(' ')[0])).toBe(Number(preview.cash_after))
      expect((await holdingText(ledger.store, 'BTC')).split(' ')[0]).toBe(preview.asset_after)
    }),
    { numRuns: 150 },
  )
  expect(filled).toBeGreaterThan(30)
})
