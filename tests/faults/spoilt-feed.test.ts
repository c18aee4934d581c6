/** The line to the price provider fails in every way it can: a fault in time, and never a wrong price. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loadCatalogue } from '@cnop/services/inventory/catalogue.ts'
import { createCoinGeckoFeed } from '@cnop/services/inventory/coingecko-feed.ts'
import { type PriceFeed, PriceFeedFault } from '@cnop/services/inventory/price-feed.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LineFault, startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

const TIMEOUT_MS = 2_000
/** For a machine that is busy. */
const GRACE_MS = 4_000
const NOW = Date.UTC(2026, 4, 18, 12, 30)
const PRICE = 67_298_671_234_000_000n

const { assets } = loadCatalogue()
const { signal } = new AbortController()

let provider: Server
let line: TcpProxy
let feed: PriceFeed

beforeAll(async () => {
  provider = createServer((request, response) => {
    const ids = new URL(request.url ?? '', 'http://localhost').searchParams.get('ids') ?? ''
    const rows = ids.split(',').map((id) => {
      return `{"id":"${id}","current_price":67298.671234,"last_updated":"2026-05-18T12:29:21.599Z"}`
    })
    response.writeHead(200, { 'content-type': 'application/json' }).end(`[${rows.join(',')}]`)
  })
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  line = await startTcpProxy(`http://127.0.0.1:${(provider.address() as AddressInfo).port}`)
  feed = createCoinGeckoFeed({
    assets,
    periodMs: 60_000,
    timeoutMs: TIMEOUT_MS,
    baseUrl: `${line.url}/api/v3`,
  })
})
afterAll(async () => {
  await line.close()
  provider.closeAllConnections()
  provider.close()
})

async function expectEveryPrice(): Promise<void> {
  const quotes = await feed.poll(NOW, signal)
  expect(quotes.size).toBe(assets.length)
  for (const { price } of quotes.values()) expect(price).toBe(PRICE)
}

/** A connection that was kept may turn out to be dead at the first poll, and is not tried again. */
async function expectRecovered(): Promise<void> {
  const poll = () => feed.poll(NOW, signal).catch(() => undefined)
  await expect.poll(async () => (await poll())?.size, { timeout: 10_000 }).toBe(assets.length)
  await expectEveryPrice()
}

const FAULTS: readonly LineFault[] = [
  { kind: 'black-hole' },
  { kind: 'half-open' },
  { kind: 'drip', bytes: 50, everyMs: 50 },
  { kind: 'reset' },
  { kind: 'lost-answer' },
  { kind: 'cut', afterBytes: 2_000 },
  { kind: 'refuse' },
]

it.each(FAULTS)(
  '$kind: the poll fails in time, and over a good line there is every price again',
  async (fault) => {
    await expectEveryPrice()
    await line.spoil(fault)
    const from = performance.now()
    await expect(feed.poll(NOW, signal)).rejects.toBeInstanceOf(PriceFeedFault)
    expect(performance.now() - from).toBeLessThan(TIMEOUT_MS + GRACE_MS)
    await line.mend()
    await expectRecovered()
  },
)

it('a slow line has every price, too', async () => {
  await line.spoil({ kind: 'latency', ms: 200 })
  await expectEveryPrice()
  await line.mend()
})
