import { type CallInput, requestOf, type WireAnswer } from '@cnop/contract/call.ts'
import { getPortfolioInsight } from '@cnop/contract/insights.ts'
import { listAssets } from '@cnop/contract/inventory.ts'
import { listOrders } from '@cnop/contract/order.ts'
import { getPortfolio, getPortfolioHistory } from '@cnop/contract/portfolio.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { createMemoryCache } from '@cnop/kit/cache/memory-cache.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import { createLog } from '@cnop/kit/log.ts'
import { createService, type Service, serve } from '@cnop/kit/service.ts'
import { createTelemetry, type Telemetry } from '@cnop/kit/telemetry.ts'
import { localTransport, sendAs } from '@cnop/kit/transport.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { createInsightsService } from './insights-service.ts'
import { type Model, ModelFault } from './model.ts'
import { gatheredOf, type Sample, USUAL } from './testing/sample-briefing.ts'

const SECRET = 'a-secret-that-only-tests-would-use'
const TEXT = 'A text of the model. It has two sentences.'

const customer = (userId: string): Caller => ({
  kind: 'customer',
  userId,
  username: userId,
  sessionId: `session of ${userId}`,
})

/** The service, with the portfolios of its customers and a model in the hands of the test. */
async function startInsights(options: {
  readonly write?: Model['write']
  readonly fallsBack?: boolean
  readonly callsPerMinute?: number
  readonly atOnceMax?: number
}) {
  const clock = { nowMs: Date.UTC(2026, 2, 1, 12) }
  const now = () => clock.nowMs
  const telemetry = createTelemetry({ processMetrics: false })
  const portfolios = new Map<string, Sample>()
  const asked: string[] = []
  const lost = new Set<string>()
  const common = {
    callerSecret: SECRET,
    log: createLog({ level: 'silent', service: 'test' }),
    telemetry,
    now,
  }
  const gathered = ({ caller }: { readonly caller: Caller }) => {
    if (caller.kind !== 'customer') throw new Problem('not-signed-in')
    return gatheredOf(portfolios.get(caller.userId) ?? { total: '0.00', cash: '0.00' })
  }
  const note = (name: string) => {
    asked.push(name)
    if (lost.has(name)) throw new Problem('dependency-down', { retryAfterSeconds: 2 })
  }
  const order = await createService({
    ...common,
    name: 'order',
    endpoints: [
      serve(getPortfolio, async (call) => {
        note('portfolio')
        return gathered(call).portfolio as never
      }),
      serve(listOrders, async (call) => {
        note('orders')
        return { data: gathered(call).orders, has_more: false } as never
      }),
      serve(getPortfolioHistory, async (call) => {
        note('history')
        return { data: gathered(call).history } as never
      }),
    ],
  })
  const inventory = await createService({
    ...common,
    name: 'inventory',
    endpoints: [
      serve(listAssets, async (call) => {
        note('assets')
        const changes = [...gathered(call).dayChanges]
        return {
          data: changes.map(([asset_id, change]) => ({
            asset_id,
            price_change_percentage_24h: change,
          })),
        } as never
      }),
    ],
  })
  const { write, fallsBack = false, callsPerMinute = 100, atOnceMax = 8 } = options
  const insights = await createInsightsService({
    ...common,
    transports: new Map([
      ['order', localTransport(order)],
      ['inventory', localTransport(inventory)],
    ]),
    model: write && { name: 'a-model', write },
    fallsBack,
    rules: {
      timeoutMs: 200,
      atOnceMax,
      callsPerMinute,
      breaker: { failuresMax: 3, openMs: 60_000, successesMin: 1 },
    },
    cache: createMemoryCache(),
    checkAnswers: true,
  })
  const transports = new Map([['insights', localTransport(insights)]] as const)
  running.push(insights, order, inventory)
  return {
    clock,
    telemetry,
    portfolios,
    asked,
    lost,
    ask: (userId = 'ada', caller = customer(userId)): Promise<WireAnswer> =>
      sendAs(caller, transports, { secret: SECRET, now })(
        requestOf(getPortfolioInsight, {} as CallInput<typeof getPortfolioInsight>),
      ),
  }
}

let running: Service[] = []
afterEach(async () => {
  await Promise.all(running.map((service) => service.close()))
  running = []
})

const toldIn = ({ body }: WireAnswer) => JSON.parse(body).data
const counted = async ({ registry }: Telemetry, line: string) =>
  (await registry.metrics())
    .split('\n')
    .find((one) => one.startsWith(line))
    ?.split(' ')
    .at(-1)

describe('by rules', () => {
  it('a customer reads of their own portfolio, with time and writer', async () => {
    const { ask, portfolios } = await startInsights({})
    portfolios.set('ada', USUAL)
    const answer = await ask()
    expect(answer.status).toBe(200)
    expect(toldIn(answer)).toEqual({
      summary: expect.stringContaining('Your portfolio is worth 10,000.00 USD'),
      generated_at: '2026-03-01T12:00:00.000Z',
      model: 'rule-based',
    })
    expect(toldIn(await ask('bob')).summary).not.toContain('10,000')
  })

  it('an account without anything gets a friendly text', async () => {
    const { ask, asked } = await startInsights({})
    expect(toldIn(await ask()).summary).toContain('There is nothing to describe yet')
    expect(asked).toEqual(['portfolio', 'orders'])
  })

  it('however often it is asked, and however often the portfolio changes, nothing is refused', async () => {
    const { ask, portfolios } = await startInsights({ callsPerMinute: 1 })
    for (let cash = 1; cash < 30; cash += 1) {
      portfolios.set('ada', { total: '100.00', cash: `${cash}.00` })
      expect((await ask()).status).toBe(200)
    }
  })

  it('nobody but a customer is answered', async () => {
    const { ask } = await startInsights({})
    expect((await ask('', { kind: 'anonymous' })).status).toBe(401)
    expect((await ask('', { kind: 'system', name: 'order' })).status).toBe(401)
  })

  it.each(['portfolio', 'orders', 'history', 'assets'])(
    'without %s there is no text, and the answer says when to ask again',
    async (name) => {
      const { ask, portfolios, lost } = await startInsights({})
      portfolios.set('ada', USUAL)
      lost.add(name)
      const { status, headers } = await ask()
      expect([status, headers['retry-after']]).toEqual([503, '2'])
    },
  )
})

describe('what is kept', () => {
  it('is read again for a day, for its customer, and counted', async () => {
    let written = 0
    const { ask, portfolios, clock, telemetry, asked } = await startInsights({
      write: async () => {
        written += 1
        return TEXT
      },
    })
    portfolios.set('ada', USUAL).set('bob', USUAL)
    const first = await ask()
    clock.nowMs += 24 * 3_600_000 - 1
    expect((await ask()).body).toBe(first.body)
    expect(asked).toEqual(['portfolio', 'orders', 'history', 'assets', 'portfolio', 'orders'])
    expect(written).toBe(1)
    await ask('bob')
    clock.nowMs += 1
    await ask()
    expect(written).toBe(3)
    expect(await counted(telemetry, 'insights_cache_total{outcome="hit"}')).toBe('1')
    expect(await counted(telemetry, 'insights_cache_total{outcome="miss"}')).toBe('3')
  })

  it('is gone when the portfolio has changed', async () => {
    let written = 0
    const { ask, portfolios } = await startInsights({
      write: async () => `${TEXT} Number ${++written}.`,
    })
    portfolios.set('ada', USUAL)
    await ask()
    portfolios.set('ada', { ...USUAL, cash: '1000.01' })
    expect(toldIn(await ask()).summary).toContain('Number 2.')
  })

  it('is written once for all who ask at the same time', async () => {
    let written = 0
    const { ask, portfolios } = await startInsights({
      async write() {
        written += 1
        await new Promise((resolve) => setTimeout(resolve, 50))
        return TEXT
      },
    })
    portfolios.set('ada', USUAL)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()))
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
    expect(written).toBe(1)
  })
})

const failing =
  (fault: ModelFault): Model['write'] =>
  async () => {
    throw fault
  }

describe('a model that fails', () => {
  it.each([
    [new ModelFault('unreachable', 'x', 5), 503, 'dependency-down', '5'],
    [new ModelFault('refused', 'x', 5), 503, 'dependency-down', '5'],
    [new ModelFault('broken-answer', 'x', 5), 503, 'dependency-down', '5'],
    [new ModelFault('rate-limited', 'x', 7), 429, 'rate-limited', '7'],
  ])('is a refusal that says when to ask again: $kind', async (fault, status, code, after) => {
    const { ask, portfolios } = await startInsights({ write: failing(fault) })
    portfolios.set('ada', USUAL)
    const answer = await ask()
    expect([answer.status, JSON.parse(answer.body).code, answer.headers['retry-after']]).toEqual([
      status,
      code,
      after,
    ])
  })

  it('is stood in for by the rules where the operator allows it, and the answer says so', async () => {
    let fails = true
    const { ask, portfolios, clock } = await startInsights({
      fallsBack: true,
      write: async () => {
        if (fails) throw new ModelFault('unreachable', 'x')
        return TEXT
      },
    })
    portfolios.set('ada', USUAL)
    expect(toldIn(await ask())).toMatchObject({ model: 'rule-based' })
    fails = false
    expect(toldIn(await ask())).toMatchObject({ model: 'rule-based' })
    clock.nowMs += 60_000
    expect(toldIn(await ask())).toMatchObject({ model: 'a-model', summary: TEXT })
  })

  it('is left alone after three failures, and tried again by one after a minute', async () => {
    let calls = 0
    const { ask, portfolios, clock } = await startInsights({
      async write() {
        calls += 1
        throw new ModelFault('unreachable', 'x')
      },
    })
    portfolios.set('ada', USUAL)
    for (let time = 0; time < 6; time += 1) expect((await ask()).status).toBe(503)
    expect(calls).toBe(3)
    expect((await ask()).headers['retry-after']).toBe('60')
    clock.nowMs += 60_000
    for (let time = 0; time < 3; time += 1) await ask()
    expect(calls).toBe(4)
  })

  it('that hangs holds so many requests and no more, and none for longer than it may', async () => {
    const { ask, portfolios } = await startInsights({
      atOnceMax: 2,
      write: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new ModelFault('unreachable', 'late')))
        }),
    })
    const customers = Array.from({ length: 6 }, (_, index) => `customer ${index}`)
    for (const name of customers) portfolios.set(name, USUAL)
    const from = performance.now()
    const ended = await Promise.all(
      customers.map(async (name) => {
        const { status } = await ask(name)
        return { status, tookMs: performance.now() - from }
      }),
    )
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set([503]))
    expect(ended.filter(({ tookMs }) => tookMs >= 150)).toHaveLength(2)
  })

  it('is asked so often for one customer, and for others still', async () => {
    let written = 0
    const { ask, portfolios } = await startInsights({
      callsPerMinute: 2,
      write: async () => `${TEXT} Number ${++written}.`,
    })
    portfolios.set('bob', USUAL)
    const statuses: number[] = []
    for (const cash of ['1.00', '2.00', '3.00']) {
      portfolios.set('ada', { total: '100.00', cash })
      statuses.push((await ask()).status)
    }
    expect(statuses).toEqual([200, 200, 429])
    expect((await ask('bob')).status).toBe(200)
  })
})
