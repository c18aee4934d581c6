/** For tests: services of a few real endpoints, and the door in front of them. */

import { deposit, getBalance, withdraw } from '@cnop/contract/balance.ts'
import type { WireRequest } from '@cnop/contract/call.ts'
import { getAsset, haltAsset, streamPrices } from '@cnop/contract/inventory.ts'
import { cancelOrder, getOrder } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { ServiceName } from '@cnop/contract/route.ts'
import { streamJournal } from '@cnop/contract/stream.ts'
import { type Call, StoredAnswer } from '@cnop/kit/answer-call.ts'
import { createMemoryBus } from '@cnop/kit/bus/memory-bus.ts'
import { createMemoryCache } from '@cnop/kit/cache/memory-cache.ts'
import type { EventStream } from '@cnop/kit/event-stream.ts'
import { createLog } from '@cnop/kit/log.ts'
import {
  createService,
  type Endpoint,
  type Service,
  serve,
  serveStream,
} from '@cnop/kit/service.ts'
import { createTelemetry, type Telemetry } from '@cnop/kit/telemetry.ts'
import { localTransport, type Transport } from '@cnop/kit/transport.ts'
import { createGateway, type GatewayParts } from '../gateway-service.ts'
import { authEndpoints, type TinyAuth, type TinyKey, tellingEndings } from './tiny-auth.ts'

const SECRET = 'a secret of the tests, of 32 characters or more'

export type TinyPlatform = TinyAuth & {
  readonly gateway: Service
  readonly parts: GatewayParts
  readonly telemetry: Telemetry
  /** Every request that left the door, in order. */
  readonly seen: WireRequest[]
  readonly priceStreams: EventStream[]
  readonly journals: { readonly call: Call<typeof streamJournal>; readonly stream: EventStream }[]
  readonly logLines: Record<string, unknown>[]
  /** Deposits wait for this. */
  gate: Promise<void>
  listen(): Promise<string>
  close(): Promise<void>
}

export const seenBy = (platform: TinyPlatform, path: string): readonly WireRequest[] =>
  platform.seen.filter((wire) => wire.path.startsWith(path))

const INSTANT = '2026-01-01T00:00:00.000Z'

export async function startTinyPlatform(
  options: Partial<GatewayParts> & { readonly tokenLifeMs?: number; logLevel?: string } = {},
): Promise<TinyPlatform> {
  const clock = { nowMs: Date.UTC(2026, 0, 1, 12) }
  const now = (): number => clock.nowMs
  const telemetry = createTelemetry({ processMetrics: false })
  const quiet = createLog({ level: 'silent', service: 'test' })
  const platform = {
    clock,
    telemetry,
    sessions: new Map<string, string>(),
    keys: new Map<string, TinyKey>(),
    factors: new Map<string, string>(),
    seen: [] as WireRequest[],
    priceStreams: [] as EventStream[],
    journals: [] as { call: Call<typeof streamJournal>; stream: EventStream }[],
    logLines: [] as Record<string, unknown>[],
    gate: Promise.resolve(),
  }
  const shell = { callerSecret: SECRET, log: quiet, telemetry, now, checkAnswers: false }
  const lifeMs = options.tokenLifeMs ?? 600_000
  const services = await Promise.all([
    createService({
      ...shell,
      name: 'auth',
      endpoints: authEndpoints(platform, lifeMs),
      answering: tellingEndings(platform),
    }),
    createService({ ...shell, name: 'order', endpoints: orderEndpoints(platform) }),
    createService({ ...shell, name: 'inventory', endpoints: inventoryEndpoints(platform) }),
    createService({ ...shell, name: 'user', endpoints: [] }),
    createService({ ...shell, name: 'insights', endpoints: [] }),
  ])
  const transports = new Map<ServiceName, Transport>(
    services.map((service) => [service.name, recorded(localTransport(service), platform.seen)]),
  )
  const parts: GatewayParts = {
    transports,
    callerSecret: SECRET,
    cache: createMemoryCache(),
    bus: createMemoryBus((error) => {
      throw error
    }),
    limits: { gateway: 10_000, user: 5_000, inventory: 7_500, order: 3_000 },
    atOnce: { requests: 1_000, requestsPerParty: 500, streamsPerParty: 50 },
    breaker: { failuresMax: 5, openMs: 60_000, successesMin: 3 },
    trustedProxies: [],
    publicUrl: 'https://trade.example',
    corsOrigins: ['https://pages.example'],
    capabilities: CAPABILITIES,
    log: logInto(platform.logLines, options.logLevel ?? 'silent'),
    telemetry,
    now,
    chance: () => 0,
    ...options,
  }
  const gateway = await createGateway(parts)
  return Object.assign(platform, {
    gateway,
    parts,
    listen: () => gateway.app.listen({ host: '127.0.0.1', port: 0 }),
    async close() {
      await gateway.close()
      await Promise.all(services.map((service) => service.close()))
    },
  })
}

type Inside = Pick<TinyPlatform, 'priceStreams' | 'journals' | 'gate'>

function recorded(transport: Transport, seen: WireRequest[]): Transport {
  return {
    send(request) {
      seen.push(request)
      return transport.send(request)
    },
    open(request) {
      seen.push(request)
      return transport.open(request)
    },
    close: () => transport.close(),
  }
}

function orderEndpoints(platform: Inside): readonly Endpoint[] {
  return [
    serve(getBalance, async ({ caller }) => ({
      current_balance: '10.00',
      available_balance: '10.00',
      held_balance: '0.00',
      currency: 'USD' as const,
      updated_at: caller.kind === 'customer' ? INSTANT : 'nobody',
    })),
    serve(deposit, async ({ idempotencyKey }) => {
      await platform.gate
      return new StoredAnswer({
        status: 201,
        body: `{"success":true,  "message":"${idempotencyKey ?? 'no key'} ✓"}`,
        replayed: idempotencyKey !== undefined,
      })
    }),
    serve(withdraw, async () => ({
      success: true,
      message: 'Withdrawn',
      transaction_id: 'T1',
      timestamp: INSTANT,
    })),
    serve(getOrder, async ({ params }) => {
      throw new Problem('order-not-found', { detail: `Not "instance":"/${params.order_id}".` })
    }),
    serve(cancelOrder, async () => {
      throw new Problem('contention', { retryAfterSeconds: 7 })
    }),
    serveStream(streamJournal, async (call, stream) => {
      platform.journals.push({ call, stream })
    }),
  ]
}

function inventoryEndpoints({ priceStreams }: Inside): readonly Endpoint[] {
  return [
    serve(getAsset, async () => {
      throw new Error('a defect')
    }),
    serve(haltAsset, async ({ params, caller }) => ({
      data: { asset_id: params.asset_id, halted: caller.kind === 'operator' },
    })),
    serveStream(streamPrices, async (_, stream) => {
      priceStreams.push(stream)
    }),
  ]
}

function logInto(lines: Record<string, unknown>[], level: string): GatewayParts['log'] {
  const write = (line: string): void => void lines.push(JSON.parse(line))
  const destination = { write } as unknown as NodeJS.WritableStream
  return createLog({ level, service: 'gateway', destination })
}

const CAPABILITIES: GatewayParts['capabilities'] = {
  version: '0.0.0-test',
  market: { feed: 'simulator', paper_money: true },
  order_types: ['market_buy', 'market_sell'],
  order_classes: ['simple'],
  times_in_force: ['gtc'],
  features: [],
  limits: {
    order_notional_max: '10000.00',
    order_notional_min: '1.00',
    deposit_per_day_max: '10000.00',
    withdraw_per_day_max: '5000.00',
    fee_basis_points: 0,
    page_limit_max: 100,
  },
}
