import { describe, expect, it } from 'vitest'
import { accountOf, BOB, holdingText } from '../testing/stored-rows.ts'
import { createTestLedger } from '../testing/test-ledger.ts'

const HELD = { asset: 'BTC', price: '40000', quantity: '0.01' } as const
const idIn = ({ body }: { body: string }): string => JSON.parse(body).data.order_id

async function withPurchaseHeld() {
  const ledger = createTestLedger()
  await ledger.deposit('1000')
  const orderId = idIn(await ledger.holdOrder({ ...HELD, type: 'limit_buy' }))
  return { ledger, orderId }
}

describe('cancelling', () => {
  it('a purchase gives its cash back', async () => {
    const { ledger, orderId } = await withPurchaseHeld()
    expect(await holdingText(ledger.store, 'USD')).toBe('600 400')
    const { status, body } = await ledger.cancel(orderId)
    expect(status).toBe(200)
    expect(JSON.parse(body).data).toMatchObject({ status: 'cancelled', held_amount: '0.00' })
    expect(await holdingText(ledger.store, 'USD')).toBe('1000 0')
    expect(await accountOf(ledger.store)).toMatchObject({ openOrders: 0n })
    expect((await ledger.audit()).ok).toBe(true)
  })

  it('a sale gives its asset back', async () => {
    const ledger = createTestLedger()
    await ledger.deposit('1000')
    await ledger.place({ order_type: 'market_buy', asset_id: 'BTC', quantity: '0.01' })
    const orderId = idIn(await ledger.holdOrder({ ...HELD, type: 'limit_sell', quantity: '0.004' }))
    expect(await holdingText(ledger.store, 'BTC')).toBe('0.006 0.004')
    await ledger.cancel(orderId)
    expect(await holdingText(ledger.store, 'BTC')).toBe('0.01 0')
    expect((await ledger.audit()).ok).toBe(true)
  })

  it('an order that is partly filled gives back the rest', async () => {
    const { ledger, orderId } = await withPurchaseHeld()
    await ledger.fillPart({ orderId, asset: 'BTC', parts: 4n })
    await ledger.cancel(orderId)
    expect(await holdingText(ledger.store, 'USD')).toBe('900 0')
    expect(await holdingText(ledger.store, 'BTC')).toBe('0.0025 0')
    expect((await ledger.audit()).ok).toBe(true)
  })

  it('works for a frozen account: it only gives back', async () => {
    const { ledger, orderId } = await withPurchaseHeld()
    await ledger.setStatus('frozen')
    expect((await ledger.cancel(orderId)).status).toBe(200)
  })

  it('twice is refused the second time, and changes nothing', async () => {
    const { ledger, orderId } = await withPurchaseHeld()
    await ledger.cancel(orderId)
    const { status, body } = await ledger.cancel(orderId)
    expect([status, JSON.parse(body).code]).toEqual([409, 'order-not-open'])
    expect(await accountOf(ledger.store)).toMatchObject({ seq: 3n })
  })

  it('an order that was filled at once is refused', async () => {
    const ledger = createTestLedger()
    await ledger.deposit('1000')
    const order = await ledger.place({
      order_type: 'market_buy',
      asset_id: 'BTC',
      quantity: '0.01',
    })
    expect((await ledger.cancel(idIn(order))).status).toBe(409)
  })

  it('a stranger’s order looks like no order', async () => {
    const { ledger, orderId } = await withPurchaseHeld()
    const refused = ledger.cancel(orderId, { userId: BOB })
    await expect(refused).rejects.toMatchObject({ code: 'order-not-found' })
    expect(await holdingText(ledger.store, 'USD')).toBe('600 400')
  })

  it('against a fill: exactly one wins, and the other hears so', async () => {
    for (let round = 0; round < 2; round += 1) {
      const { ledger, orderId } = await withPurchaseHeld()
      const cancel = () => ledger.cancel(orderId)
      const fill = () => ledger.fillPart({ orderId, asset: 'BTC', parts: 1n })
      const both = round === 0 ? [cancel(), fill()] : [fill(), cancel()]
      const statuses = (await Promise.all(both)).map(({ status }) => status)
      expect([...statuses].sort()).toEqual([200, 409])
      expect((await ledger.audit()).ok).toBe(true)
    }
  })
})
