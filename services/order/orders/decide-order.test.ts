import type { OrderBody } from '@cnop/contract/order.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ACCOUNTS } from '../ledger/journal-rows.ts'
import { ORDER_RULES_DEFAULT } from '../order-rules.ts'
import {
  AT,
  accountWith,
  balanceWith,
  circumstancesWith,
  MOMENT,
  quoteWith,
  refusalOf,
  toldOf,
} from '../testing/circumstances.ts'
import { decideOrder, type OrderCircumstances } from './decide-order.ts'

const BUY: OrderBody = { order_type: 'market_buy', asset_id: 'BTC', quantity: '0.01' }
const SELL: OrderBody = { order_type: 'market_sell', asset_id: 'BTC', quantity: '0.01' }

const { quantity: _size, ...BUY_SIZELESS } = BUY

const refusal = (body: OrderBody, circumstances: Partial<OrderCircumstances> = {}) =>
  refusalOf(() => decideOrder(body, circumstancesWith(circumstances)))

describe('a market order is filled as a whole at the quote', () => {
  it('buying', () => {
    const { order, postings, quoteLifeMs } = decideOrder(BUY, circumstancesWith())
    expect(order).toStrictEqual({
      id: 'order-1',
      type: 'market_buy',
      orderClass: 'simple',
      asset: 'BTC',
      scale: 8,
      timeInForce: 'gtc',
      quantity: 1_000_000n,
      filled: 1_000_000n,
      status: 'completed',
      total: 50_000n,
      fee: 0n,
      hold: 0n,
      fill: { price: 50_000n * 10n ** 12n, tick: 'test:1', ageMs: 500, source: 'test' },
      createdAt: AT,
      updatedAt: AT,
      completedAt: AT,
    })
    expect(postings).toMatchObject([
      { asset: 'USD', scale: 2, a: -50_000n, xT: 50_000n, xF: 0n },
      { asset: 'BTC', scale: 8, a: 1_000_000n, xT: -1_000_000n, cost: 50_000n, realized: 0n },
    ])
    expect(quoteLifeMs).toBe(5_000)
  })

  it('selling, at the average cost of what is sold', () => {
    const { order, postings } = decideOrder(SELL, circumstancesWith())
    expect(order).toMatchObject({ type: 'market_sell', total: 50_000n, status: 'completed' })
    expect(postings).toMatchObject([
      { asset: 'USD', a: 50_000n, xT: -50_000n },
      { asset: 'BTC', a: -1_000_000n, xT: 1_000_000n, cost: -40_000n, realized: 10_000n },
    ])
  })

  it('selling, with what an open order holds counted in the average cost', () => {
    const holding = balanceWith({
      asset: 'BTC',
      scale: 8,
      a: 10_000_000n,
      h: 6_000_000n,
      cost: 640_000n,
    })
    expect(decideOrder(SELL, circumstancesWith({ holding })).postings).toMatchObject([
      { asset: 'USD', a: 50_000n },
      { asset: 'BTC', a: -1_000_000n, h: 0n, cost: -40_000n, realized: 10_000n },
    ])
  })

  it('for a fee that the buyer pays on top and the seller from the proceeds', () => {
    const rules = { ...ORDER_RULES_DEFAULT, feeBasisPoints: 25n }
    expect(decideOrder(BUY, circumstancesWith({ rules }))).toMatchObject({
      order: { fee: 125n, total: 50_125n },
      postings: [{ a: -50_125n, xT: 50_000n, xF: 125n }, { cost: 50_125n }],
    })
    expect(decideOrder(SELL, circumstancesWith({ rules }))).toMatchObject({
      order: { fee: 125n, total: 49_875n },
      postings: [{ a: 49_875n, xT: -50_000n, xF: 125n }, { realized: 9_875n }],
    })
  })

  it('for a fee that is never more than a sale yields', () => {
    const rules = { ...ORDER_RULES_DEFAULT, feeBasisPoints: 20_000n }
    expect(decideOrder(SELL, circumstancesWith({ rules }))).toMatchObject({
      order: { fee: 50_000n, total: 0n },
      postings: [{ a: 0n, xT: -50_000n, xF: 50_000n }, { realized: -40_000n }],
    })
  })

  it('by value: at most that value is bought, at least that value is sold', () => {
    const quote = quoteWith({ price: 3n * 10n ** 12n, scale: 2 })
    const holding = balanceWith({ asset: 'BTC', scale: 2, a: 10_000n })
    const body = { ...BUY_SIZELESS, notional: '100' }
    const bought = decideOrder(body, circumstancesWith({ quote, holding }))
    expect(bought).toMatchObject({ order: { quantity: 3_333n, total: 9_999n }, notional: '100.00' })
    const sold = decideOrder(
      { ...body, order_type: 'market_sell' },
      circumstancesWith({ quote, holding }),
    )
    expect(sold).toMatchObject({ order: { quantity: 3_334n, total: 10_002n } })
  })

  it('with its own terms kept: value, worst price, name and time in force', () => {
    const change = decideOrder(
      {
        ...BUY_SIZELESS,
        notional: '100.5',
        worst_price: '50000',
        client_order_id: 'mine',
        time_in_force: 'fok',
      },
      circumstancesWith(),
    )
    expect(change).toMatchObject({
      notional: '100.50',
      worstPrice: '50000.00',
      order: {
        notional: 10_050n,
        worstPrice: 50_000n * 10n ** 12n,
        clientOrderId: 'mine',
        timeInForce: 'fok',
      },
    })
  })

  it('by a quote of the future as by one of now', () => {
    const quote = quoteWith({ asOfMs: MOMENT.nowMs + 80 })
    expect(decideOrder(BUY, circumstancesWith({ quote })).order.fill?.ageMs).toBe(0)
  })

  it.each(['gtc', 'ioc', 'fok'] as const)('with its time in force: %s', (timeInForce) => {
    const { order } = decideOrder({ ...BUY, time_in_force: timeInForce }, circumstancesWith())
    expect(order).toMatchObject({ timeInForce, status: 'completed' })
  })

  it('as the simple order it is, whether it says so or not', () => {
    const { order } = decideOrder({ ...BUY, order_class: 'simple' }, circumstancesWith())
    expect(order.orderClass).toBe('simple')
  })

  it.each<[OrderBody, string]>([
    [BUY, '50000'],
    [BUY, '50000.01'],
    [SELL, '50000'],
    [SELL, '49999.99'],
  ])(
    'at exactly the worst price that is accepted, and at a better one: %j at %s',
    (body, worst) => {
      expect(refusal({ ...body, worst_price: worst })).toBeUndefined()
    },
  )

  it('from an account that has never been told of, when it has what it takes', () => {
    expect(refusal(SELL, { account: undefined })).toBeUndefined()
  })
})

describe('a market order is refused', () => {
  it.each<[string, OrderBody, string]>([
    ['of a waiting type', { ...BUY, order_type: 'limit_buy' }, 'invalid-input order_type'],
    ['that stops', { ...BUY, order_type: 'stop_loss' }, 'invalid-input order_type'],
    ['with a price', { ...BUY, price: '1' }, 'invalid-input price'],
    ['with a stop price', { ...BUY, stop_price: '1' }, 'invalid-input stop_price'],
    ['with a trail', { ...BUY, trail_amount: '1' }, 'invalid-input trail_amount'],
    ['with a trail in percent', { ...BUY, trail_percent: '1' }, 'invalid-input trail_percent'],
    ['that expires', { ...BUY, expires_at: AT }, 'invalid-input expires_at'],
    ['good for a day', { ...BUY, time_in_force: 'day' }, 'invalid-input time_in_force'],
    ['good till a date', { ...BUY, time_in_force: 'gtd' }, 'invalid-input time_in_force'],
    ['of another class', { ...BUY, order_class: 'oco' }, 'invalid-input order_class'],
    ['with a leg that takes profit', { ...BUY, take_profit: {} }, 'invalid-input take_profit'],
    ['with a leg that stops', { ...BUY, stop_loss: {} }, 'invalid-input stop_loss'],
    ['of no size', BUY_SIZELESS, 'invalid-input quantity'],
    ['of two sizes', { ...BUY, notional: '5' }, 'invalid-input quantity'],
    ['of nothing', { ...BUY, quantity: '0' }, 'invalid-input quantity'],
    ['of no value', { ...BUY_SIZELESS, notional: '0.00' }, 'invalid-input notional'],
    ['with nine places', { ...BUY, quantity: '0.123456789' }, 'invalid-input quantity'],
    ['with a fraction of a cent', { ...BUY_SIZELESS, notional: '5.001' }, 'invalid-input notional'],
    ['at worst for nothing', { ...BUY, worst_price: '0' }, 'invalid-input worst_price'],
    [
      'at worst with 13 places',
      { ...BUY, worst_price: '1.1234567890123' },
      'invalid-input worst_price',
    ],
    [
      'for every fault at once',
      { ...BUY, order_type: 'limit_buy', price: '1', quantity: '0' },
      'invalid-input order_type quantity price',
    ],
    ['at a worse price than accepted', { ...BUY, worst_price: '49999.99' }, 'price-moved'],
    ['at a lower price than accepted', { ...SELL, worst_price: '50000.01' }, 'price-moved'],
    ['of less than a dollar', { ...BUY, quantity: '0.00001' }, 'order-too-small'],
    ['by less than a dollar', { ...BUY_SIZELESS, notional: '0.99' }, 'order-too-small'],
    ['of more than ten thousand', { ...BUY, quantity: '0.2000001' }, 'order-too-large'],
    ['of an absurd quantity', { ...BUY, quantity: '99999999999999999999' }, 'order-too-large'],
    ['of more cash than there is', { ...BUY, quantity: '0.0200001' }, 'insufficient-funds'],
    ['of more than there is to sell', { ...SELL, quantity: '0.1000001' }, 'insufficient-holdings'],
  ])('%s', (_, body, code) => {
    expect(refusal(body)).toBe(code)
  })

  it.each<[string, Partial<OrderCircumstances>, string]>([
    ['of a frozen account', { account: accountWith({ status: 'frozen' }) }, 'account-frozen'],
    ['of a closed account', { account: accountWith({ status: 'closed' }) }, 'account-frozen'],
    ['in a halted asset', { quote: quoteWith({ halted: true }) }, 'asset-halted'],
    ['by a stale quote', { quote: quoteWith({ staleAfterMs: MOMENT.nowMs }) }, 'prices-stale'],
    ['without any cash', { cash: undefined }, 'insufficient-funds'],
    ['with all cash held', { cash: balanceWith({ h: 100_000n }) }, 'insufficient-funds'],
  ])('%s', (_, circumstances, code) => {
    expect(refusal(BUY, circumstances)).toBe(code)
  })

  it.each<[string, Partial<OrderCircumstances>]>([
    ['without the asset', { holding: undefined }],
    ['with all of it held', { holding: balanceWith({ asset: 'BTC', scale: 8, h: 10n ** 9n }) }],
  ])('when selling %s', (_, circumstances) => {
    expect(refusal(SELL, circumstances)).toBe('insufficient-holdings')
  })

  it('with the first reason that holds, in a fixed order', () => {
    const all = {
      account: accountWith({ status: 'frozen' }),
      quote: quoteWith({ halted: true, staleAfterMs: 0 }),
      cash: undefined,
    }
    const body = { ...BUY, quantity: '9', worst_price: '1' }
    expect(refusal({ ...body, price: '1' }, all)).toBe('invalid-input price')
    expect(refusal(body, all)).toBe('account-frozen')
    expect(refusal(body, { ...all, account: undefined })).toBe('asset-halted')
    expect(refusal(body, { quote: quoteWith({ staleAfterMs: 0 }), cash: undefined })).toBe(
      'prices-stale',
    )
    expect(refusal(body, { cash: undefined })).toBe('price-moved')
    expect(refusal({ ...body, worst_price: '50000' }, { cash: undefined })).toBe('order-too-large')
  })
})

describe('who is refused is told', () => {
  it.each<[OrderBody, string, Partial<OrderCircumstances>]>([
    [BUY, 'asset-halted: Trading in BTC is halted.', { quote: quoteWith({ halted: true }) }],
    [
      BUY,
      'prices-stale: The last price of BTC is too old to trade at.',
      { quote: quoteWith({ staleAfterMs: MOMENT.nowMs }) },
    ],
    [
      { ...BUY, worst_price: '49999.99' },
      'price-moved: The price is 50000.00 now, worse than 49999.99.',
      {},
    ],
    [
      { ...SELL, worst_price: '50000.012' },
      'price-moved: The price is 50000.00 now, worse than 50000.012.',
      {},
    ],
    [
      { ...BUY, quantity: '0.00001' },
      'order-too-small: This is 0.50 USD of BTC; the least is 1.00 USD.',
      {},
    ],
    [
      { ...SELL, quantity: '0.00000001' },
      'order-too-small: This is 0.00 USD of BTC; the least is 0.01 USD.',
      { holding: balanceWith({ asset: 'BTC', scale: 8, a: 1n }) },
    ],
    [
      { ...BUY, quantity: '0.2000001' },
      'order-too-large: This is 10000.01 USD; the most is 10000.00 USD.',
      {},
    ],
    [
      { ...BUY, quantity: '0.0200001' },
      'insufficient-funds: This costs 1002.52 USD; 1000.00 USD is available.',
      { rules: { ...ORDER_RULES_DEFAULT, feeBasisPoints: 25n } },
    ],
    [BUY, 'insufficient-funds: This costs 500.00 USD; 0.00 USD is available.', { cash: undefined }],
    [
      { ...SELL, quantity: '0.1000001' },
      'insufficient-holdings: This sells 0.1000001 BTC; 0.1 is available.',
      {},
    ],
    [SELL, 'insufficient-holdings: This sells 0.01 BTC; 0 is available.', { holding: undefined }],
  ])('of %j: %s', (body, sentence, circumstances) => {
    expect(toldOf(() => decideOrder(body, circumstancesWith(circumstances)))).toEqual([sentence])
  })

  it.each<[Partial<OrderBody>, string]>([
    [{ order_type: 'limit_buy' }, 'order_type: Use market_buy or market_sell.'],
    [{ time_in_force: 'day' }, 'time_in_force: A market order takes gtc, ioc or fok.'],
    [{ notional: '5' }, 'quantity: Say either quantity or notional.'],
    [{ quantity: '0' }, 'quantity: Use an amount of more than zero.'],
    [{ quantity: '0.123456789' }, 'quantity: Use at most 8 decimal places.'],
    [
      { worst_price: '0' },
      'worst_price: Use a price of more than zero, with at most 12 decimal places.',
    ],
    [{ stop_price: '1' }, 'stop_price: A market order does not take this field.'],
    [{ order_class: 'oco' }, 'order_class: Use simple.'],
  ])('which field is at fault, and what would do: %j', (fault, sentence) => {
    expect(toldOf(() => decideOrder({ ...BUY, ...fault }, circumstancesWith()))).toEqual([
      `invalid-input ${sentence}`,
    ])
  })

  it('to say how much, when the order says neither quantity nor value', () => {
    expect(toldOf(() => decideOrder(BUY_SIZELESS, circumstancesWith()))).toEqual([
      'invalid-input quantity: Say either quantity or notional.',
    ])
  })

  it('to come back in a second, when the price is stale', () => {
    const quote = quoteWith({ staleAfterMs: MOMENT.nowMs })
    expect(() => decideOrder(BUY, circumstancesWith({ quote }))).toThrow(
      expect.objectContaining({ code: 'prices-stale', retryAfterSeconds: 1 }),
    )
  })
})

describe('the limits are met exactly', () => {
  const rich = { cash: balanceWith({ a: 10n ** 9n }) }

  it.each<[OrderBody, string | undefined]>([
    [{ ...BUY, quantity: '0.00002' }, undefined],
    [{ ...BUY, quantity: '0.2' }, undefined],
    [{ ...BUY_SIZELESS, notional: '10000' }, undefined],
    [{ ...BUY_SIZELESS, notional: '10000.01' }, 'order-too-large'],
    [{ ...BUY_SIZELESS, notional: '1' }, undefined],
  ])('%j', (body, code) => {
    expect(refusal(body, rich)).toBe(code)
  })

  it('all the cash can be spent, and not a cent more', () => {
    const body = { ...BUY_SIZELESS, notional: '1000.00' }
    expect(refusal(body)).toBeUndefined()
    expect(refusal(body, { cash: balanceWith({ a: 99_999n }) })).toBe('insufficient-funds')
  })

  it('a whole balance of less than a dollar can be sold, a part of it cannot', () => {
    const holding = balanceWith({ asset: 'BTC', scale: 8, a: 1_000n, cost: 40n })
    const whole = { ...SELL, quantity: '0.00001' }
    expect(decideOrder(whole, circumstancesWith({ holding }))).toMatchObject({
      order: { total: 50n },
      postings: [{}, { cost: -40n, realized: 10n }],
    })
    expect(refusal({ ...whole, quantity: '0.000009' }, { holding })).toBe('order-too-small')
  })

  it('of a whole balance what an open order holds is a part', () => {
    const holding = balanceWith({ asset: 'BTC', scale: 8, a: 1_000n, h: 500n })
    const sale = (quantity: string) => refusal({ ...SELL, quantity }, { holding })
    expect(sale('0.000005')).toBe('order-too-small')
    expect(sale('0.00001')).toBe('order-too-small')
    expect(sale('0.000015')).toBe('insufficient-holdings')
  })

  it('a purchase of as much as is held has the minimum of every purchase', () => {
    const holding = balanceWith({ asset: 'BTC', scale: 8, a: 1_000n })
    expect(refusal({ ...BUY, quantity: '0.00001' }, { holding })).toBe('order-too-small')
  })

  it('what buys not even the smallest unit is refused, though there were no minimum', () => {
    const rules = { ...ORDER_RULES_DEFAULT, orderMin: 0n }
    const quote = quoteWith({ scale: 0 })
    const body = { ...BUY_SIZELESS, notional: '5' }
    expect(refusal(body, { rules, quote })).toBe('order-too-small')
  })

  it('what is worth less than a cent cannot be sold at all', () => {
    const holding = balanceWith({ asset: 'BTC', scale: 8, a: 1n })
    expect(refusal({ ...SELL, quantity: '0.00000001' }, { holding })).toBe('order-too-small')
  })
})

describe('whatever the order', () => {
  const RUNS = { numRuns: 3_000 }
  const scenario = fc
    .record({
      buys: fc.boolean(),
      scale: fc.nat(8),
      price: fc.bigInt({ min: 1n, max: 10n ** 18n }),
      available: fc.bigInt({ min: 0n, max: 10n ** 14n }),
      held: fc.bigInt({ min: 0n, max: 10n ** 10n }),
      cost: fc.bigInt({ min: 0n, max: 10n ** 9n }),
      cash: fc.bigInt({ min: 0n, max: 2_000_000n }),
      feeBasisPoints: fc.bigInt({ min: 0n, max: 1_000n }),
      size: fc.oneof(
        fc.bigInt({ min: 1n, max: 10n ** 13n }).map((quantity) => ({ quantity })),
        fc.bigInt({ min: 1n, max: 1_100_000n }).map((notional) => ({ notional })),
      ),
    })
    .map(({ scale, size, ...rest }) => {
      const text = (units: bigint, places: number): string => {
        const digits = units.toString().padStart(places + 1, '0')
        const cut = digits.length - places
        return places === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`
      }
      const body: OrderBody = {
        order_type: rest.buys ? 'market_buy' : 'market_sell',
        asset_id: 'BTC',
        ...('quantity' in size
          ? { quantity: text(size.quantity, scale) }
          : { notional: text(size.notional, 2) }),
      }
      const circumstances = circumstancesWith({
        quote: quoteWith({ price: rest.price, scale }),
        cash: balanceWith({ a: rest.cash }),
        holding: balanceWith({
          asset: 'BTC',
          scale,
          a: rest.available,
          h: rest.held,
          cost: rest.available + rest.held === 0n ? 0n : rest.cost,
        }),
        rules: { ...ORDER_RULES_DEFAULT, feeBasisPoints: rest.feeBasisPoints },
      })
      return { ...rest, scale, size, body, circumstances }
    })

  type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never
  type Filled = ReturnType<typeof decideOrder>

  /** Runs the check on every scenario that is filled, and sees that enough of them are. */
  function everyFill(check: (filled: Filled, scenario: Scenario) => void): void {
    let filled = 0
    fc.assert(
      fc.property(scenario, (drawn) => {
        let change: Filled | undefined
        const refused = refusalOf(() => {
          change = decideOrder(drawn.body, drawn.circumstances)
        })
        if (refused !== undefined || change === undefined) return
        filled += 1
        check(change, drawn)
      }),
      RUNS,
    )
    expect(filled).toBeGreaterThan(RUNS.numRuns / 50)
  }

  const lineOf = ({ postings }: Filled, asset: string) =>
    postings.find((posting) => posting.asset === asset)!

  it('no money appears or vanishes', () => {
    everyFill((change) => {
      for (const posting of change.postings) {
        expect(ACCOUNTS.reduce((sum, account) => sum + posting[account], 0n)).toBe(0n)
      }
    })
  })

  it('nothing available becomes negative, and nothing held is touched', () => {
    everyFill((change, { cash, available }) => {
      expect(cash + lineOf(change, 'USD').a).toBeGreaterThanOrEqual(0n)
      expect(available + lineOf(change, 'BTC').a).toBeGreaterThanOrEqual(0n)
      expect(change.postings.every(({ h, xE }) => h === 0n && xE === 0n)).toBe(true)
    })
  })

  it('the rounding is in the ledger’s favour by less than a cent', () => {
    everyFill((change, { buys, price, scale }) => {
      const cent = 10n ** BigInt(scale + 10)
      const exact = change.order.quantity * price
      const notional = lineOf(change, 'USD').xT * (buys ? 1n : -1n)
      const favour = buys ? notional * cent - exact : exact - notional * cent
      expect(favour).toBeGreaterThanOrEqual(0n)
      expect(favour).toBeLessThan(cent)
    })
  })

  it('the fee is rounded up and never more than a sale yields', () => {
    everyFill((change, { buys, feeBasisPoints }) => {
      const { xF: fee, xT } = lineOf(change, 'USD')
      const notional = buys ? xT : -xT
      const exact = notional * feeBasisPoints
      expect(fee * 10_000n).toBeGreaterThanOrEqual(exact)
      expect(fee * 10_000n).toBeLessThan(exact + 10_000n)
      expect(change.order.total).toBe(buys ? notional + fee : notional - fee)
      expect(change.order.total).toBeGreaterThanOrEqual(0n)
    })
  })

  it('an order by value never buys for more, and never sells for less', () => {
    everyFill((change, { buys, size }) => {
      if (!('notional' in size)) return
      const notional = lineOf(change, 'USD').xT * (buys ? 1n : -1n)
      if (buys) expect(notional).toBeLessThanOrEqual(size.notional)
      else expect(notional).toBeGreaterThanOrEqual(size.notional)
    })
  })

  it('its value is within the limits, but for the sale of a whole balance', () => {
    everyFill((change, { buys, available, held }) => {
      const notional = lineOf(change, 'USD').xT * (buys ? 1n : -1n)
      const whole = !buys && change.order.quantity === available + held
      expect(notional).toBeGreaterThanOrEqual(whole ? 1n : ORDER_RULES_DEFAULT.orderMin)
      expect(notional).toBeLessThanOrEqual(ORDER_RULES_DEFAULT.orderMax)
    })
  })

  it('what is sold takes its share of the cost with it, and the last of it all the rest', () => {
    everyFill((change, { buys, available, held, circumstances }) => {
      const { cost, realized } = lineOf(change, 'BTC')
      if (buys) {
        expect(cost).toBe(change.order.total)
        expect(realized).toBe(0n)
        return
      }
      const had = circumstances.holding?.cost ?? 0n
      expect(had + cost).toBeGreaterThanOrEqual(0n)
      expect(realized).toBe(change.order.total + cost)
      if (change.order.quantity === available + held) expect(cost).toBe(-had)
    })
  })

  it('the same is decided on the same', () => {
    everyFill((change, { body, circumstances }) => {
      expect(decideOrder(body, { ...circumstances })).toEqual(change)
    })
  })
})
