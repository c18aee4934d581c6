/** Customers who trade while processes are killed, and remember every answer to the byte. */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { type Customer, freshKey, type RawAnswer } from '../customers.ts'

type Asked = {
  readonly customer: Customer
  readonly key: string
  readonly path: string
  readonly body: string
}
export type Acknowledged = Asked & { readonly status: number; readonly answer: string }

/** What was asked: with its answer, or open. What is open is settled after each revival. */
export type TradeRecord = { readonly acknowledged: Acknowledged[]; open: Asked[]; settled: number }

export const newTradeRecord = (): TradeRecord => ({ acknowledged: [], open: [], settled: 0 })

export type Trading = {
  /** Resolves once every customer has heard of their last request. */
  stop(): Promise<void>
}

/** Each customer asks without pause. */
export function trade(
  customers: readonly Customer[],
  chance: () => number,
  record: TradeRecord,
): Trading {
  let trading = true
  const clients = customers.map(async (customer) => {
    while (trading) {
      const asked = { customer, key: freshKey(), ...nextRequest(chance()) }
      if (!(await askOnce(asked, record))) await pause(20)
    }
  })
  return {
    async stop() {
      trading = false
      await Promise.all(clients)
    },
  }
}

/** Deposits, withdrawals, purchases, sales, and what is refused for ever. */
function nextRequest(drawn: number): Pick<Asked, 'path' | 'body'> {
  if (drawn < 0.2) return { path: '/balance/deposit', body: '{"amount":"3"}' }
  if (drawn < 0.3) return { path: '/balance/withdraw', body: '{"amount":"1"}' }
  if (drawn < 0.35) return { path: '/balance/withdraw', body: '{"amount":"4999"}' }
  const asset_id = drawn < 0.7 ? 'ETH' : 'SOL'
  const order_type = drawn < 0.9 ? 'market_buy' : 'market_sell'
  return { path: '/orders', body: JSON.stringify({ order_type, asset_id, notional: '1.50' }) }
}

const post = ({ customer, path, body, key }: Asked): Promise<RawAnswer | undefined> =>
  customer.raw('POST', path, { body, headers: { 'idempotency-key': key } }).catch(() => undefined)

/** True when there was an answer, which is then final. */
async function askOnce(asked: Asked, record: TradeRecord): Promise<boolean> {
  const answer = await post(asked)
  if (answer === undefined || answer.status >= 500) {
    record.open.push(asked)
    return false
  }
  record.acknowledged.push({ ...asked, status: answer.status, answer: answer.body })
  return true
}

const SETTLE_MS_MAX = 20_000

/** What nobody knows the outcome of gets one by asking again, and keeps it. */
export async function settleOpen(record: TradeRecord): Promise<void> {
  const { open } = record
  record.open = []
  await Promise.all(
    open.map(async (asked) => {
      const deadline = performance.now() + SETTLE_MS_MAX
      const again: TradeRecord = newTradeRecord()
      while (!(await askOnce(asked, again))) {
        if (performance.now() > deadline) throw new Error(`${asked.key} does not settle`)
        await pause(50)
      }
      record.acknowledged.push(...again.acknowledged)
      record.settled += 1
    }),
  )
}

/** Asks again with the same keys: the same status and the same bytes, as a replay. */
export async function expectReplayed(answers: readonly Acknowledged[]): Promise<void> {
  const byCustomer = Map.groupBy(answers, ({ customer }) => customer)
  await Promise.all(
    [...byCustomer.values()].map(async (own) => {
      for (const { status, answer, ...asked } of own) {
        const replayed = await post(asked)
        assert.deepEqual([replayed?.status, replayed?.body], [status, answer], asked.key)
        assert.equal(replayed?.headers.get('idempotent-replayed'), 'true', asked.key)
      }
    }),
  )
}
