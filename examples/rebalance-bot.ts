/**
 * A bot that keeps fixed shares: 48 % BTC, 32 % ETH, the rest in cash. Whenever prices arrive it looks
 * at these three and trades what has drifted too far; other holdings are none of its business. It knows
 * the contract only.
 *
 *   echo <API key> | node examples/rebalance-bot.ts [--url <origin>] [--rounds <n>]
 */
import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { call, fetchSend, pathOf, type Send } from '@cnop/contract/call.ts'
import { type Capabilities, getCapabilities } from '@cnop/contract/capabilities.ts'
import { formatUsd, minOf, parseUsd } from '@cnop/contract/money.ts'
import { type OrderBody, placeOrder, previewOrder } from '@cnop/contract/order.ts'
import { getPortfolio, type Portfolio } from '@cnop/contract/portfolio.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { API_BASE } from '@cnop/contract/route.ts'
import { openStream } from '@cnop/contract/stream.ts'

/** Percent of cash and these assets together. */
const SHARES: Readonly<Record<string, bigint>> = { BTC: 48n, ETH: 32n }
/** How far a share may drift before it is traded back, in percent of the same. */
const DRIFT_MAX = 1n

const ATTEMPTS_MAX = 5
const ANSWER_MS_MAX = 15_000
const RECONNECT_MS = 2_000

type Limits = Pick<Capabilities['limits'], 'order_notional_min' | 'order_notional_max'>

/** Looks `rounds` times, at most once per change of prices; resolves with how many orders it placed. */
async function run(url: string, apiKey: string, rounds: number): Promise<number> {
  const send = patiently(fetchSend({ url, token: () => apiKey }))
  const { limits } = (await call(send, getCapabilities, {})).data
  const runId = randomUUID()
  let round = 0
  let orders = 0
  for await (const _ of priceChanges(url)) {
    round += 1
    for (const trade of tradesFor(await call(send, getPortfolio, {}), limits)) {
      const filled = await place(send, trade, `${runId}-${round}-${trade.asset_id}`)
      if (filled) orders += 1
    }
    if (round === rounds) break
  }
  return orders
}

/** What brings the shares back. Sales come first: they pay for the purchases. */
export function tradesFor({ cash_balance, assets }: Portfolio, limits: Limits): OrderBody[] {
  const managed = assets.filter(({ asset_id }) => Object.hasOwn(SHARES, asset_id))
  // Without every price nobody knows what the whole is, nor what a share of it would be.
  if (managed.some(({ current_price }) => current_price === null)) return []
  const worth = new Map(managed.map((holding) => [holding.asset_id, cents(holding.market_value)]))
  const whole = [...worth.values()].reduce((sum, value) => sum + value, cents(cash_balance))
  const least = cents(limits.order_notional_min)
  const most = cents(limits.order_notional_max)
  return Object.entries(SHARES)
    .map(([asset_id, percent]) => {
      const lacking = (whole * percent) / 100n - (worth.get(asset_id) ?? 0n)
      return { asset_id, lacking, amount: lacking < 0n ? -lacking : lacking }
    })
    .filter(({ amount }) => amount >= least && amount * 100n > whole * DRIFT_MAX)
    .toSorted((one, other) => (one.lacking < other.lacking ? -1 : 1))
    .map(({ asset_id, lacking, amount }) => ({
      order_type: lacking < 0n ? 'market_sell' : 'market_buy',
      asset_id,
      notional: formatUsd(minOf(amount, most)),
    }))
}

function cents(amount: string): bigint {
  const units = parseUsd(amount)
  if (units === undefined) throw new RangeError(`${amount} is no amount in US dollars`)
  return units
}

/**
 * Previews an order, then places it at a price that is hardly worse, or not at all. The key names
 * this one order: however often the request is sent, it is placed once.
 */
async function place(send: Send, body: OrderBody, idempotencyKey: string): Promise<boolean> {
  try {
    const { worst_price } = (await call(send, previewOrder, { body })).data
    const order = (await call(send, placeOrder, { body: { ...body, worst_price }, idempotencyKey }))
      .data
    console.log(
      `${order.order_type} ${order.filled_quantity} ${order.asset_id} at ${order.fill?.price}: ${order.total_amount} USD`,
    )
    return true
  } catch (error) {
    // A refusal is an answer: the next round looks again.
    if (!(error instanceof Problem)) throw error
    console.log(`${body.order_type} ${body.asset_id} was refused: ${error.message}`)
    return false
  }
}

/** Sends again what was not answered, or came at a bad moment. The keys make that safe. */
export function patiently(send: Send, wait: (ms: number) => Promise<void> = pause): Send {
  return async (request) => {
    for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt += 1) {
      const answer = await send({ ...request, signal: AbortSignal.timeout(ANSWER_MS_MAX) }).catch(
        () => undefined,
      )
      if (answer !== undefined && answer.status !== 429 && answer.status !== 503) return answer
      await wait(Number(answer?.headers['retry-after'] ?? attempt) * 1000)
    }
    return send({ ...request, signal: AbortSignal.timeout(ANSWER_MS_MAX) })
  }
}

/** One item for every change of prices, across breaks of the connection. */
async function* priceChanges(url: string): AsyncGenerator<string> {
  const stream = `${url}${API_BASE}${pathOf(openStream, {}, { channels: 'prices' })}`
  while (true) {
    try {
      yield* eventsOf(await fetch(stream))
    } catch (error) {
      // What `fetch` throws when a connection cannot be made, or breaks.
      if (!(error instanceof TypeError)) throw error
    }
    console.log('The prices have stopped; listening again.')
    await pause(RECONNECT_MS)
  }
}

/** The data of every server-sent event; comments, which only keep the connection alive, are left out. */
async function* eventsOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return
  let unfinished = ''
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (unfinished + part).split('\n\n')
    unfinished = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (data !== undefined) yield data
    }
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      rounds: { type: 'string', default: '60' },
    },
  })
  const { url, rounds } = values
  if (!/^[1-9][0-9]{0,8}$/.test(rounds)) throw new Error('--rounds takes a number such as 60.')
  // Not an argument, which every other program of this machine could read.
  const apiKey = (await text(process.stdin)).trim()
  const orders = await run(url, apiKey, Number(rounds))
  console.log(`Ended after looking ${rounds} times, with ${orders} orders.`)
}

if (import.meta.main) {
  main().catch((error: Error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
