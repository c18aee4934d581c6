/** What is written about portfolios, through the door, by a model that a local server stands in for. */
import { getBalance } from '@cnop/contract/balance.ts'
import { call, fetchSend } from '@cnop/contract/call.ts'
import { getCapabilities } from '@cnop/contract/capabilities.ts'
import { getPortfolioInsight } from '@cnop/contract/insights.ts'
import { startFakeProvider } from '@cnop/services/insights/testing/fake-provider.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf } from '../audits.ts'
import { type Customer, freshKey, newCustomer, refusalOf } from '../customers.ts'
import { WITH_SCALED } from '../scaled-topology.ts'
import { type RunningPlatform, startApart, startTogether } from '../topologies.ts'

const KEY = 'planted-key-of-a-language-model'
const PHRASE = 'gong xi fa cai'
const TEXT = 'Nearly all of it is cash. A fall of the market costs little.'

const insightOf = async (customer: Customer) => (await customer.call(getPortfolioInsight, {})).data

describe.each(WITH_SCALED)('insights, %s', (_, start) => {
  let platform: RunningPlatform
  let provider: Awaited<ReturnType<typeof startFakeProvider>>

  beforeAll(async () => {
    provider = await startFakeProvider('openai')
    platform = await start({
      env: {
        LOG_LEVEL: 'trace',
        MODEL_URL: provider.url,
        MODEL_NAME: 'a-model',
        MODEL_API_KEY: KEY,
        MODEL_TIMEOUT_SECONDS: '1',
        BREAKER_FAILURES: '100',
      },
    })
  }, 60_000)
  afterAll(async () => {
    const audit = await auditOf(platform.dataDir)
    await platform.stop()
    await provider.close()
    expect(audit).toMatchObject({ clean: true })
  })

  it('are written by the model, and gone when the portfolio changes', async () => {
    provider.behave({ say: TEXT })
    const customer = await newCustomer(platform.url)
    expect(await insightOf(customer)).toMatchObject({ model: 'rule-based' })
    await customer.deposit('1000')
    expect(await insightOf(customer)).toMatchObject({ summary: TEXT, model: 'a-model' })
    const asked = provider.heard.length
    await insightOf(customer)
    expect(provider.heard.length).toBe(asked)
    await customer.order({ order_type: 'market_buy', asset_id: 'BTC', notional: '10' })
    await insightOf(customer)
    expect(provider.heard.length).toBe(asked + 1)
    expect(provider.heard.at(-1)?.body).not.toContain(customer.username)
  })

  it.each([
    [{ status: 401 } as const, 'dependency-down'],
    [{ status: 429, retryAfter: '9' } as const, 'rate-limited'],
    ['silence' as const, 'dependency-down'],
    [{ raw: '<script>' }, 'dependency-down'],
  ])(
    'are refused while the model answers with %j, and nothing else is',
    async (behaviour, code) => {
      provider.behave(behaviour)
      const customer = await newCustomer(platform.url)
      await customer.deposit('10')
      const { status, headers, body } = await customer.raw('GET', getPortfolioInsight.path)
      expect([status, JSON.parse(body).code]).toEqual([code === 'rate-limited' ? 429 : 503, code])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect(body).not.toMatch(/test-model-key|script|127\.0\.0\.1/)
      expect(await customer.call(getBalance, {})).toMatchObject({ current_balance: '10.00' })
    },
  )

  it('tell neither the key of the model nor the phrases to the log and the metrics', async () => {
    const customer = await newCustomer(platform.url)
    await customer.raw('POST', '/cny/claim', {
      body: JSON.stringify({ phrase: PHRASE }),
      headers: { 'idempotency-key': freshKey() },
    })
    const metrics = await (await fetch(`${platform.internalUrl}/metrics`)).text()
    expect(platform.said()).toContain('no text came')
    for (const text of [platform.said(), metrics]) {
      expect(text).not.toContain(KEY)
      expect(text).not.toContain('test-model-key')
      expect(text.toLowerCase()).not.toContain(PHRASE)
    }
  })
})

it('while insights is away the door is ready, and customers trade', {
  timeout: 60_000,
}, async () => {
  const platform = await startApart()
  try {
    const customer = await newCustomer(platform.url)
    await platform.kill('insights')
    expect(await refusalOf(customer.call(getPortfolioInsight, {}))).toBe('dependency-down')
    const health = await fetch(`${platform.url}/health/ready`)
    expect(health.status).toBe(200)
    expect(await health.json()).toMatchObject({ checks: { insights: 'does not answer' } })
    await customer.deposit('100')
    await customer.order({ order_type: 'market_buy', asset_id: 'BTC', notional: '10' })
    await platform.revive('insights')
    await expect
      .poll(
        () =>
          customer.call(getPortfolioInsight, {}).then(
            () => 'told',
            () => 'refused',
          ),
        { timeout: 15_000 },
      )
      .toBe('told')
  } finally {
    await platform.stop()
  }
})

it('without rewards there is no such route, and the capabilities say so', {
  timeout: 60_000,
}, async () => {
  const platform = await startTogether({ env: { RED_POCKET_FILE: 'off' } })
  try {
    const customer = await newCustomer(platform.url)
    const { status, body } = await customer.raw('POST', '/cny/claim', { body: '{"phrase":"x"}' })
    expect([status, JSON.parse(body).code]).toEqual([404, 'route-not-found'])
    const { features } = (await call(fetchSend({ url: platform.url }), getCapabilities, {})).data
    expect(features).not.toContain('red-pocket')
    expect(features).toContain('insights')
  } finally {
    await platform.stop()
  }
})
