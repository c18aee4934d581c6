/** The inventory service of a test: its clock and its feed belong to the test. */
import { createMemoryBus } from '@cnop/kit/bus/memory-bus.ts'
import { type Caller, signCaller } from '@cnop/kit/caller.ts'
import { createLog } from '@cnop/kit/log.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { type Catalogue, loadCatalogue } from '../catalogue.ts'
import { createInventoryService, type InventoryOptions } from '../inventory-service.ts'
import type { PriceFeed } from '../price-feed.ts'
import { createTestClock, type TestClock } from './test-clock.ts'

export const CALLER_SECRET = 'the secret of a test, longer than 32 characters'
export const OPERATOR: Caller = { kind: 'operator', name: 'olga' }
export const SYSTEM: Caller = { kind: 'system', name: 'order' }

/** Some assets of the real catalogue, so that a test may count them. */
export function catalogueOf(...assetIds: readonly string[]): Catalogue {
  const whole = loadCatalogue()
  const assets = whole.assets.filter(({ assetId }) => assetIds.includes(assetId))
  return { ...whole, assets, byId: new Map(assets.map((asset) => [asset.assetId, asset])) }
}

export async function startInventory<Feed extends PriceFeed>(
  options: {
    readonly feed: Feed
    readonly store?: Store
    readonly clock?: TestClock
    readonly startMs?: number
  } & Partial<Omit<InventoryOptions, 'clock'>>,
) {
  const { feed, startMs = Date.parse('2026-03-10T12:00:00Z') } = options
  const clock = options.clock ?? createTestClock(startMs)
  const store = options.store ?? createMemoryStore({ now: clock.now })
  const telemetry = createTelemetry({ processMetrics: false })
  const bus = createMemoryBus((error) => {
    throw error
  })
  const service = await createInventoryService({
    catalogue: loadCatalogue(),
    callerSecret: CALLER_SECRET,
    log: createLog({ level: 'silent', service: 'inventory' }),
    telemetry,
    bus,
    checkAnswers: true,
    ...options,
    feed,
    store,
    clock,
  })

  const signed = (caller: Caller) => ({
    'x-cnop-caller': signCaller(caller, { secret: CALLER_SECRET, nowMs: clock.now() }),
  })

  const ask = async (
    url: string,
    request: { caller?: Caller; method?: 'GET' | 'POST'; body?: unknown } = {},
  ) => {
    const { caller = { kind: 'anonymous' }, method = 'GET', body } = request
    const answer = await service.app.inject({
      method,
      url,
      headers: {
        ...signed(caller),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    return { status: answer.statusCode, headers: answer.headers, text: answer.payload }
  }

  return {
    service,
    store,
    clock,
    feed,
    bus,
    signed,
    ask,
    /** The body of an answer that must be a success. */
    async get(url: string, caller?: Caller) {
      const answer = await ask(url, caller ? { caller } : {})
      if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${answer.text}`)
      return JSON.parse(answer.text)
    },
    metrics: () => telemetry.registry.metrics(),
    close: () => service.close(),
  }
}

export type TestInventory = Awaited<ReturnType<typeof startInventory>>
