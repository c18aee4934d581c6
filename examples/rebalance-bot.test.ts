import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createApiKey } from '@cnop/contract/api-key.ts'
import type { Send, WireRequest } from '@cnop/contract/call.ts'
import { call } from '@cnop/contract/call.ts'
import { formatUsd, parseUsd } from '@cnop/contract/money.ts'
import { listOrders, placeOrder } from '@cnop/contract/order.ts'
import { getPortfolio, type Portfolio, verifyLedger } from '@cnop/contract/portfolio.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { type Customer, freshKey, newCustomer, PASSWORD } from '../tests/customers.ts'
import { type RunningPlatform, startTogether } from '../tests/topologies.ts'
import { patiently, tradesFor } from './rebalance-bot.ts'

const LIMITS = { order_notional_min: '1.00', order_notional_max: '10000.00' }

const cents = (text: string | undefined): bigint => parseUsd(text ?? '0') ?? -1n

/** What is not in the named holdings is cash. */
function portfolioOf(total: string, holdings: Record<string, string>): Portfolio {
  const assetsValue = Object.values(holdings).reduce((sum, value) => sum + cents(value), 0n)
  return {
    total_value: total,
    cash_balance: formatUsd(cents(total) - assetsValue),
    assets_value: formatUsd(assetsValue),
    day_change: '0.00',
    unrealized_pnl: '0.00',
    realized_pnl: '0.00',
    assets: Object.entries(holdings).map(([asset_id, market_value]) => ({
      asset_id,
      asset_name: asset_id,
      quantity: '1',
      current_price: market_value,
      market_value,
      percentage: '0.00',
      average_cost: '1.00',
      unrealized_pnl: '0.00',
    })),
    as_of: '2026-01-02T03:04:05.000Z',
  }
}

describe('what to trade', () => {
  it('buys every share of what is only cash', () => {
    expect(tradesFor(portfolioOf('1000.00', {}), LIMITS)).toEqual([
      { asset_id: 'ETH', order_type: 'market_buy', notional: '320.00' },
      { asset_id: 'BTC', order_type: 'market_buy', notional: '480.00' },
    ])
  })

  it('sells before it buys', () => {
    expect(tradesFor(portfolioOf('1000.00', { BTC: '700.00', ETH: '100.00' }), LIMITS)).toEqual([
      { asset_id: 'BTC', order_type: 'market_sell', notional: '220.00' },
      { asset_id: 'ETH', order_type: 'market_buy', notional: '220.00' },
    ])
  })

  it('leaves alone what has hardly drifted', () => {
    const near = portfolioOf('1000.00', { BTC: '490.00', ETH: '310.00' })
    expect(tradesFor(near, LIMITS)).toEqual([])
    const beyond = portfolioOf('1000.00', { BTC: '490.01', ETH: '310.00' })
    expect(tradesFor(beyond, LIMITS)).toHaveLength(1)
  })

  it('shares out cash and its own assets only', () => {
    const others = portfolioOf('5000.00', { BTC: '480.00', ETH: '320.00', SOL: '4000.00' })
    expect(tradesFor(others, LIMITS)).toEqual([])
  })

  it('stays within the sizes of the platform', () => {
    expect(tradesFor(portfolioOf('2.00', {}), LIMITS)).toEqual([])
    expect(tradesFor(portfolioOf('100000.00', {}), LIMITS).map(({ notional }) => notional)).toEqual(
      ['10000.00', '10000.00'],
    )
  })

  it('does nothing while a price is unknown', () => {
    const portfolio = portfolioOf('1000.00', { BTC: '900.00', ETH: '10.00' })
    const assets = portfolio.assets.map((asset) => ({
      ...asset,
      ...(asset.asset_id === 'ETH' ? { current_price: null } : {}),
    }))
    expect(tradesFor(portfolio, LIMITS)).not.toEqual([])
    expect(tradesFor({ ...portfolio, assets }, LIMITS)).toEqual([])
  })
})

describe('patience', () => {
  const REQUEST: WireRequest = {
    service: 'order',
    method: 'POST',
    path: '/orders',
    headers: { 'idempotency-key': 'one-key-for-one-order' },
    body: '{}',
  }
  const ANSWER = { status: 201, headers: {}, body: '{}' }
  const busy = (retryAfter: string) => ({
    status: 503,
    headers: { 'retry-after': retryAfter },
    body: '',
  })

  /** Gives one of the endings for each request; a problem is an answer that never came. */
  function scripted(endings: readonly (Awaited<ReturnType<Send>> | Problem)[]) {
    const seen: WireRequest[] = []
    const waits: number[] = []
    const send: Send = async (request) => {
      const ending = endings[seen.length]!
      seen.push(request)
      if (ending instanceof Problem) throw ending
      return ending
    }
    const wait = async (ms: number): Promise<void> => void waits.push(ms)
    return { seen, waits, send: patiently(send, wait) }
  }

  it('repeats the same request, key and all, until it is answered', async () => {
    const { send, seen, waits } = scripted([new Problem('dependency-down'), busy('7'), ANSWER])
    expect(await send(REQUEST)).toBe(ANSWER)
    expect(waits).toEqual([1000, 7000])
    expect(seen).toEqual([REQUEST, REQUEST, REQUEST].map((one) => expect.objectContaining(one)))
  })

  it('takes a refusal for an answer', async () => {
    const refusal = { status: 422, headers: {}, body: '{"code":"insufficient-funds"}' }
    const { send, seen } = scripted([refusal])
    expect(await send(REQUEST)).toBe(refusal)
    expect(seen).toHaveLength(1)
  })

  it('ends', async () => {
    const { send, seen, waits } = scripted(Array(9).fill(new Problem('dependency-down')))
    await expect(send(REQUEST)).rejects.toThrow('A part of the platform does not answer')
    expect(seen).toHaveLength(5)
    expect(waits).toEqual([1000, 2000, 3000, 4000])
  })
})

describe('on the real platform', () => {
  let platform: RunningPlatform
  let customer: Customer

  beforeAll(async () => {
    platform = await startTogether()
    customer = await newCustomer(platform.url)
    await customer.deposit('5000.00')
  })
  afterAll(() => platform?.stop())

  type Outcome = { readonly code: number; readonly said: string; readonly complaint: string }

  const keyOf = async (owner: Customer, scopes: ('read' | 'trade')[]): Promise<string> =>
    (await owner.call(createApiKey, { body: { password: PASSWORD, name: 'bot', scopes } })).data
      .api_key

  /** Runs the bot to its end; `onSaid` hears what it prints meanwhile. */
  async function bot(
    { apiKey, rounds = 3 }: { apiKey?: string; rounds?: number } = {},
    onSaid: (text: string) => void = () => {},
  ): Promise<Outcome> {
    const key = apiKey ?? (await keyOf(customer, ['read', 'trade']))
    const program = fileURLToPath(new URL('rebalance-bot.ts', import.meta.url))
    const args = ['--url', platform.url, '--rounds', String(rounds)]
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [program, ...args], (_, said, complaint) =>
        resolve({ code: child.exitCode ?? -1, said, complaint }),
      )
      child.stdout?.on('data', onSaid)
      child.stdin?.end(`${key}\n`)
    })
  }

  const ordersOf = async () => (await customer.call(listOrders, { query: { limit: 100 } })).data

  test('cash becomes a portfolio of the given shares, and the books hold', async () => {
    const { code, said, complaint } = await bot()
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
    expect(said).toMatch(/^market_buy [\d.]+ ETH at [\d.]+: [\d.]+ USD$/m)
    expect(said).toMatch(/^Ended after looking 3 times, with 2 orders\.$/m)

    const portfolio = await customer.call(getPortfolio, {})
    const worthOf = (id: string) =>
      cents(portfolio.assets.find(({ asset_id }) => asset_id === id)?.market_value)
    const whole = cents(portfolio.total_value)
    for (const [value, percent] of [
      [worthOf('BTC'), 48n],
      [worthOf('ETH'), 32n],
      [cents(portfolio.cash_balance), 20n],
    ] as const) {
      expect(value).toBeGreaterThan((whole * (percent - 2n)) / 100n)
      expect(value).toBeLessThan((whole * (percent + 2n)) / 100n)
    }
    expect((await customer.call(verifyLedger, {})).data.ok).toBe(true)
  })

  test('a portfolio that has its shares is left alone', async () => {
    const before = await ordersOf()
    const { said } = await bot({ rounds: 2 })
    expect(said).toBe('Ended after looking 2 times, with 0 orders.\n')
    expect(await ordersOf()).toEqual(before)
  })

  test('an order whose answer is lost is placed once', async () => {
    const before = await ordersOf()
    let lost = 0
    const lossy: Send = async (request) => {
      const answer = await customer.send(request)
      lost += 1
      if (lost <= 3) throw new Problem('dependency-down')
      return answer
    }
    const { data } = await call(
      patiently(lossy, async () => {}),
      placeOrder,
      {
        body: { order_type: 'market_buy', asset_id: 'BTC', notional: '10' },
        idempotencyKey: freshKey(),
      },
    )
    expect(lost).toBe(4)
    expect(await ordersOf()).toEqual([data, ...before])
  })

  test('it goes on where it was when the platform was away, with no order lost or doubled', async () => {
    const other = await newCustomer(platform.url)
    await other.deposit('5000.00')
    let restarted: Promise<void> | undefined
    const restart = async (): Promise<void> => {
      await platform.kill('order')
      await platform.revive('order')
    }
    const { code, said } = await bot({ apiKey: await keyOf(other, ['read', 'trade']) }, () => {
      restarted ??= restart()
    })
    await restarted
    expect(code).toBe(0)
    expect(said).toContain('The prices have stopped; listening again.\n')
    expect(said).toMatch(/with 2 orders\.$/m)
    const { data } = await other.call(listOrders, {})
    expect(data.map(({ asset_id }) => asset_id).toSorted()).toEqual(['BTC', 'ETH'])
  }, 30_000)

  test('a key that is none ends it with a sentence, and so does one that may only look', async () => {
    expect(await bot({ apiKey: 'cnop_no_such_key' })).toEqual({
      code: 1,
      said: '',
      complaint: 'The token is not valid\n',
    })
    const looking = await bot({ apiKey: await keyOf(customer, ['read']), rounds: 1 })
    expect(looking).toMatchObject({ code: 0, complaint: '' })
    const other = await newCustomer(platform.url)
    await other.deposit('100.00')
    const { said } = await bot({ apiKey: await keyOf(other, ['read']), rounds: 1 })
    expect(said).toContain('market_buy ETH was refused: This needs a key with the scope trade.\n')
  })
})
