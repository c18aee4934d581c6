/** What holds of the pure core whatever it is given: money, decisions, postings, the text of an event. */
import {
  basisPointsUp,
  divideDown,
  divideNearest,
  divideUp,
  formatDecimal,
  formatPrice,
  formatUsd,
  notionalDown,
  notionalUp,
  parseDecimal,
  quantityFor,
  quantityYielding,
} from '@cnop/contract/money.ts'
import { ORDER_STATUSES, ORDER_TYPES, type OrderBody } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { decideTransfer } from '@cnop/services/order/cash/decide-transfer.ts'
import type { Change } from '@cnop/services/order/ledger/change.ts'
import { fingerprintOf } from '@cnop/services/order/ledger/fingerprint.ts'
import { ACCOUNTS, eventBytes, parseEvent } from '@cnop/services/order/ledger/journal-rows.ts'
import { momentOf } from '@cnop/services/order/ledger/moment.ts'
import { type Draft, LedgerViolation, postChange } from '@cnop/services/order/ledger/post-change.ts'
import { decideAdjustment } from '@cnop/services/order/operator/decide-adjustment.ts'
import { ORDER_RULES_DEFAULT } from '@cnop/services/order/order-rules.ts'
import { decideCancel } from '@cnop/services/order/orders/decide-cancel.ts'
import { decideOrder } from '@cnop/services/order/orders/decide-order.ts'
import { assertTransition, isOpen } from '@cnop/services/order/orders/order-states.ts'
import {
  AT,
  accountWith,
  balanceWith,
  circumstancesWith,
  MOMENT,
  quoteWith,
} from '@cnop/services/order/testing/circumstances.ts'
import {
  array,
  bigInt,
  boolean,
  constantFrom,
  dictionary,
  type IRawProperty,
  jsonValue,
  nat,
  oneof,
  property,
  record,
  string,
} from 'fast-check'

/** Throws, with what it was not, when it does not hold. */
function holds(what: boolean, said: () => string): void {
  if (!what) throw new Error(said())
}

const scale = nat(8)
const amount = bigInt({ min: -(10n ** 24n), max: 10n ** 24n })
const cents = bigInt({ min: 0n, max: 2_000_000n })
const price = oneof(
  bigInt({ min: 1n, max: 10n ** 18n }),
  constantFrom(1n, 10n ** 12n, 67_298_671_234_000_000n, 9_999_999_999_999_999_999n),
)
const quantity = bigInt({ min: 0n, max: 10n ** 14n })
const divisor = bigInt({ min: 1n, max: 10n ** 12n })

const situation = record({
  buys: boolean(),
  byValue: boolean(),
  scale,
  price,
  size: bigInt({ min: 1n, max: 1_200_000n }),
  cash: cents,
  available: quantity,
  held: bigInt({ min: 0n, max: 10n ** 10n }),
  cost: bigInt({ min: 0n, max: 10n ** 9n }),
  feeBasisPoints: bigInt({ min: 0n, max: 12_000n }),
  worst: bigInt({ min: -2n, max: 2n }),
  status: constantFrom('active', 'active', 'active', 'frozen', 'closed'),
  halted: constantFrom(false, false, false, true),
  ageMs: nat(12_000),
})
type Situation = typeof situation extends { generate(...args: never): { value: infer T } }
  ? T
  : never

/** Of a size that is about what there is, as often as not. */
function decided(drawn: Situation) {
  const { buys, byValue, scale: places, cost, available, held } = drawn
  const worst = drawn.price + drawn.worst
  const units = byValue ? drawn.size : (drawn.size * 10n ** BigInt(places + 10)) / drawn.price + 1n
  const body: OrderBody = {
    order_type: buys ? 'market_buy' : 'market_sell',
    asset_id: 'BTC',
    ...(byValue ? { notional: formatUsd(units) } : { quantity: formatDecimal(units, places) }),
    ...(worst > 0n ? { worst_price: formatPrice(worst) } : {}),
  }
  const asOfMs = MOMENT.nowMs - drawn.ageMs
  const circumstances = circumstancesWith({
    account: accountWith({ status: drawn.status }),
    cash: balanceWith({ a: drawn.cash }),
    holding: balanceWith({
      asset: 'BTC',
      scale: places,
      a: available,
      h: held,
      cost: available + held === 0n ? 0n : cost,
    }),
    quote: quoteWith({
      price: drawn.price,
      scale: places,
      halted: drawn.halted,
      asOfMs,
      staleAfterMs: asOfMs + 5_000,
    }),
    rules: { ...ORDER_RULES_DEFAULT, feeBasisPoints: drawn.feeBasisPoints },
  })
  return unlessRefused(() => decideOrder(body, circumstances))
}

/** `undefined` for a problem that a customer is told; anything else is a mistake. */
function unlessRefused<Result>(decide: () => Result): Result | undefined {
  try {
    return decide()
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined
    throw thrown
  }
}

type Filled = NonNullable<ReturnType<typeof decided>>

const everyFill = (check: (filled: Filled, drawn: Situation) => void) =>
  property(situation, (drawn) => {
    const filled = decided(drawn)
    if (filled !== undefined) check(filled, drawn)
  })

const lineOf = ({ postings }: Pick<Change, 'postings'>, asset: string) => {
  const line = postings.find((posting) => posting.asset === asset)
  if (line === undefined) throw new Error(`No line of ${asset}`)
  return line
}

const sumsToZero = ({ postings }: Pick<Change, 'postings'>): void => {
  for (const posting of postings) {
    const sum = ACCOUNTS.reduce((total, account) => total + posting[account], 0n)
    holds(sum === 0n, () => `${posting.asset} sums to ${sum}`)
  }
}

const draftOf = (drawn: Pick<Situation, 'cash'>): Draft => ({
  userId: '01J0000000000000000000000A',
  account: undefined,
  balances: new Map([['USD', balanceWith({ a: drawn.cash, ci: drawn.cash, xE: -drawn.cash })]]),
  orders: new Map(),
  kept: new Map(),
  answers: new Map(),
  writes: new Map(),
})

const TOLD = {
  actor: { kind: 'customer' },
  requestId: 'request',
  fingerprint: 'print',
  at: AT,
  status: 201,
  body: '{}',
} as const

const MONEY: Readonly<Record<string, IRawProperty<unknown>>> = {
  'an amount that is written is read back': property(
    amount,
    nat(12),
    nat(12),
    (units, at, least) => {
      const written = formatDecimal(units, at, least < at ? least : at)
      holds(parseDecimal(written, at) === units, () => written)
    },
  ),
  'whatever text is an amount is a plain decimal': property(
    oneof(string(), amount.map(String), constantFrom('1e3', '+1', '٣', '0x1', '1_0', ' 1', '01')),
    nat(8),
    (said, at) => {
      if (parseDecimal(said, at) === undefined) return
      holds(/^-?(0|[1-9]\d*)(\.\d+)?$/.test(said), () => said)
    },
  ),
  'dividing up gives the least that is enough': property(amount, divisor, (dividend, by) => {
    const up = divideUp(dividend, by)
    holds(up * by >= dividend && (up - 1n) * by < dividend, () => `${dividend} / ${by} is ${up}`)
  }),
  'dividing down gives the most that is not too much': property(amount, divisor, (dividend, by) => {
    const down = divideDown(dividend, by)
    holds(down * by <= dividend && (down + 1n) * by > dividend, () => `${dividend} / ${by}`)
  }),
  'dividing to the nearest is off by half at most, alike on both sides of zero': property(
    amount,
    divisor,
    (dividend, by) => {
      const off = 2n * (divideNearest(dividend, by) * by - dividend)
      holds(off <= by && -off <= by, () => `${dividend} / ${by}`)
      holds(divideNearest(-dividend, by) === -divideNearest(dividend, by), () => `${dividend}`)
    },
  ),
  'a purchase by value is the most that the value buys': property(
    cents,
    price,
    scale,
    (most, at, places) => {
      const units = quantityFor(most, at, places)
      holds(notionalUp(units, at, places) <= most, () => `${units} cost more`)
      holds(notionalUp(units + 1n, at, places) > most, () => `${units} is not the most`)
    },
  ),
  'a sale by value is the least that yields the value': property(
    cents,
    price,
    scale,
    (least, at, places) => {
      const units = quantityYielding(least, at, places)
      holds(notionalDown(units, at, places) >= least, () => `${units} yield less`)
      holds(units === 0n || notionalDown(units - 1n, at, places) < least, () => `${units}`)
    },
  ),
  'an order that is filled in parts costs what it costs as a whole, and never more than it holds':
    property(array(quantity, { minLength: 1, maxLength: 6 }), price, scale, (parts, at, places) => {
      const whole = parts.reduce((sum, part) => sum + part, 0n)
      const hold = notionalUp(whole, at, places)
      let filled = 0n
      let paid = 0n
      for (const part of parts) {
        filled += part
        const total = notionalUp(filled, at, places)
        holds(total >= paid && total <= hold, () => `${total} after ${paid}, held ${hold}`)
        paid = total
      }
      holds(paid === hold, () => `${paid} of ${hold}`)
    }),
  'a fee is rounded up, by less than a cent': property(
    cents,
    bigInt({ min: 0n, max: 20_000n }),
    (of, points) => {
      const fee = basisPointsUp(of, points)
      holds(fee * 10_000n >= of * points && (fee - 1n) * 10_000n < of * points, () => `${fee}`)
    },
  ),
}

const DECISIONS: Readonly<Record<string, IRawProperty<unknown>>> = {
  'no money appears or vanishes in a trade': everyFill(sumsToZero),
  'a trade leaves nothing negative, and touches nothing that is held': everyFill(
    (filled, drawn) => {
      holds(drawn.cash + lineOf(filled, 'USD').a >= 0n, () => 'cash')
      holds(drawn.available + lineOf(filled, 'BTC').a >= 0n, () => 'holding')
      holds(
        filled.postings.every(({ h, xE }) => h === 0n && xE === 0n),
        () => 'a hold',
      )
    },
  ),
  'a trade is rounded once, in the ledger’s favour, by less than a cent': everyFill(
    (filled, drawn) => {
      const cent = 10n ** BigInt(drawn.scale + 10)
      const exact = filled.order.quantity * drawn.price
      const notional = lineOf(filled, 'USD').xT * (drawn.buys ? 1n : -1n)
      const favour = drawn.buys ? notional * cent - exact : exact - notional * cent
      holds(favour >= 0n && favour < cent, () => `${favour} of ${cent}`)
    },
  ),
  'nobody trades while frozen, halted, by a stale quote, or beyond the worst price': everyFill(
    (filled, drawn) => {
      holds(drawn.status === 'active' && !drawn.halted && drawn.ageMs < 5_000, () => 'not allowed')
      const { worstPrice } = filled.order
      if (worstPrice === undefined) return
      holds(drawn.buys ? drawn.price <= worstPrice : drawn.price >= worstPrice, () => 'the price')
    },
  ),
  'what is sold takes its share of the cost with it, and the last of it the rest': everyFill(
    (filled, drawn) => {
      const { cost } = lineOf(filled, 'BTC')
      const owned = drawn.available + drawn.held
      if (drawn.buys) return holds(cost === filled.order.total, () => `${cost}`)
      holds(cost <= 0n && drawn.cost + cost >= 0n, () => `${cost} of ${drawn.cost}`)
      if (filled.order.quantity === owned) holds(cost === -drawn.cost, () => `${cost}`)
    },
  ),
  'a transfer is within the day’s limit and within what is there': property(
    record({ kind: constantFrom('deposit', 'withdrawal'), units: cents, used: cents, cash: cents }),
    ({ kind, units, used, cash }) => {
      const account = accountWith({ depositedToday: used, withdrawnToday: used })
      const at = { account, cash: balanceWith({ a: cash }), rules: ORDER_RULES_DEFAULT, at: AT }
      const request = { kind, amount: formatUsd(units), transferId: 'transfer' }
      const change = unlessRefused(() => decideTransfer(request, at))
      const { depositPerDayMax, withdrawPerDayMax } = ORDER_RULES_DEFAULT
      const most = kind === 'deposit' ? depositPerDayMax : withdrawPerDayMax
      const fits = units > 0n && used + units <= most && (kind === 'deposit' || units <= cash)
      holds((change !== undefined) === fits, () => `${kind} of ${units}`)
      if (change !== undefined) sumsToZero(change)
    },
  ),
  'a correction comes from outside, and takes no more than is there': property(
    record({ units: amount, available: quantity, held: quantity, cost: cents }),
    ({ units, available, held, cost }) => {
      const balance = balanceWith({ asset: 'BTC', scale: 8, a: available, h: held, cost })
      const request = { asset: 'BTC', amount: formatDecimal(units, 8), reason: 'so' }
      const change = unlessRefused(() =>
        decideAdjustment(
          { ...request, corrects: undefined, transferId: 'transfer' },
          { account: accountWith(), balance, scale: 8 },
        ),
      )
      holds((change !== undefined) === (units !== 0n && available + units >= 0n), () => `${units}`)
      if (change !== undefined) sumsToZero(change)
    },
  ),
  'a cancelled order gives back all that it held, and only an open one is cancelled': property(
    record({
      status: constantFrom(...ORDER_STATUSES),
      type: constantFrom(...ORDER_TYPES),
      hold: quantity,
    }),
    ({ status, type, hold }) => {
      const order = { ...WAITING, status, type, hold }
      const change = unlessRefused(() => decideCancel(order, AT))
      holds((change !== undefined) === isOpen(status), () => status)
      const released = change?.postings.reduce((sum, { a, h }) => (a === -h ? sum + a : -1n), 0n)
      holds(released === undefined || released === hold, () => `${released} of ${hold}`)
    },
  ),
  'an order that has ended never changes, and none changes its type': property(
    constantFrom(...ORDER_STATUSES),
    constantFrom(...ORDER_STATUSES),
    constantFrom(...ORDER_TYPES),
    constantFrom(...ORDER_TYPES),
    (before, after, type, typeAfter) => {
      let allowed = true
      try {
        assertTransition({ status: before, type }, { status: after, type: typeAfter })
      } catch {
        allowed = false
      }
      holds(!allowed || (isOpen(before) && type === typeAfter), () => `${before} to ${after}`)
    },
  ),
}

const WAITING = {
  id: 'order',
  type: 'limit_buy',
  orderClass: 'simple',
  asset: 'BTC',
  scale: 8,
  timeInForce: 'gtc',
  quantity: 10n,
  filled: 0n,
  status: 'queued',
  total: 0n,
  fee: 0n,
  hold: 0n,
  version: 1n,
  placedSeq: 1n,
  seq: 1n,
  createdAt: AT,
  updatedAt: AT,
} as const

const column = bigInt({ min: -1_000n, max: 1_000n })
const text = string({ minLength: 1, maxLength: 12 })

const JOURNAL: Readonly<Record<string, IRawProperty<unknown>>> = {
  'whatever is posted, the balance sums to zero and the journal counts on': property(
    cents,
    array(
      record({ a: column, h: column, xT: column, xF: column, off: constantFrom(0n, 0n, 0n, 1n) }),
      {
        maxLength: 5,
      },
    ),
    (cash, drawn) => {
      const draft = draftOf({ cash })
      let posted = 0n
      for (const { off, ...columns } of drawn) {
        const { a, h, xT, xF } = columns
        const zero = { cost: 0n, realized: 0n, asset: 'USD', scale: 2 }
        const postings = [{ ...columns, ...zero, xE: off - (a + h + xT + xF) }]
        try {
          postChange(draft, { type: 'balance-adjusted', postings }, { ...TOLD, key: `${posted}` })
          holds(off === 0n, () => 'posted, and does not sum to zero')
          posted += 1n
        } catch (thrown) {
          if (!(thrown instanceof LedgerViolation)) throw thrown
        }
      }
      const balance = draft.balances.get('USD') ?? balanceWith()
      const sum = ACCOUNTS.reduce((total, account) => total + balance[account], 0n)
      holds(sum === 0n && balance.a >= 0n && balance.h >= 0n, () => `${sum}`)
      holds(balance.a + balance.h === balance.ci - balance.co, () => 'in less out')
      holds((draft.account?.seq ?? 0n) === posted, () => `${posted}`)
    },
  ),
  'an event is read back as it was written, its answer to the byte': property(
    record({ key: text, reason: text, seq: nat(), a: column, answer: jsonValue({ maxDepth: 1 }) }),
    ({ key, reason, seq, a, answer }) => {
      const line = {
        asset: 'BTC',
        scale: 8,
        a,
        h: 0n,
        xT: -a,
        xF: 0n,
        xE: 0n,
        cost: a,
        realized: -a,
      }
      const event = {
        ...TOLD,
        type: 'balance-adjusted',
        seq: BigInt(seq),
        key,
        reason,
        body: JSON.stringify(answer),
        lines: [{ ...line, after: { a, h: 0n } }],
      } as const
      const read = parseEvent(eventBytes(event))
      holds(read.body === event.body && eventBytes(read) === eventBytes(event), () => event.body)
    },
  ),
  'the same request has the same fingerprint, whatever the order of its fields': property(
    dictionary(text, oneof(text, nat(), boolean()), { maxKeys: 5 }),
    (body) => {
      const route = { name: 'placeOrder', method: 'POST' } as const
      const print = (of: unknown): string => fingerprintOf({ route, params: {}, body: of })
      const turned = Object.fromEntries(Object.entries(body).reverse())
      holds(print(body) === print(turned), () => JSON.stringify(body))
      holds(print(body) !== print({ ...body, 'one field more': 1 }), () => JSON.stringify(body))
    },
  ),
  'the journal’s time never runs backwards': property(nat(), nat(), (now, before) => {
    const last = new Date(before).toISOString()
    const { at, nowMs } = momentOf(now, last)
    holds(at >= last && nowMs === now, () => `${at} after ${last}`)
  }),
}

export const PROPERTIES = { ...MONEY, ...DECISIONS, ...JOURNAL }

/** How many of the situations drawn from this seed are filled: a generator of refusals shows little. */
export const filledOf = (drawn: readonly Situation[]): number =>
  drawn.filter((one) => decided(one) !== undefined).length

export const anySituation = situation
