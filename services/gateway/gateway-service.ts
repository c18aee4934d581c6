/** The one public door: every public route of the contract, what describes them, and nothing else. */
import type { Readable } from 'node:stream'
import { requestOf, type Send } from '@cnop/contract/call.ts'
import { type Capabilities, getCapabilities } from '@cnop/contract/capabilities.ts'
import { streamPrices } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import { API_BASE, type Route, type ServiceName } from '@cnop/contract/route.ts'
import { openStream } from '@cnop/contract/stream.ts'
import type { Bus } from '@cnop/kit/bus/bus.ts'
import type { Cache } from '@cnop/kit/cache/cache.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import type { BreakerRules } from '@cnop/kit/guard/breaker.ts'
import {
  type GuardedTransport,
  guardTransport,
  isGuarded,
} from '@cnop/kit/guard/guarded-transport.ts'
import {
  answerHealth,
  createHttpServer,
  type HttpReply,
  type HttpRequest,
  type HttpServer,
  type HttpTimeouts,
} from '@cnop/kit/http-server.ts'
import type { Log } from '@cnop/kit/log.ts'
import { requestObserver } from '@cnop/kit/observe-requests.ts'
import type { Service } from '@cnop/kit/service.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import {
  type CallSigning,
  sendAs,
  signed,
  type Transports,
  transportTo,
} from '@cnop/kit/transport.ts'
import { createAdmission, visitOf } from './admission/admit-request.ts'
import { createClientAddress } from './admission/client-address.ts'
import { createRateLimit, type RateLimits } from './admission/rate-limit.ts'
import { createCrossOrigin } from './browsers/cross-origin.ts'
import { createCrossSite } from './browsers/cross-site.ts'
import { pagePolicy } from './browsers/security-headers.ts'
import { renderDocs } from './description/docs-page.ts'
import { DOCS_STYLE } from './description/docs-style.ts'
import { openApiDocument } from './description/openapi-document.ts'
import { type Forward, forwardTo, passBack, seenFromOutside } from './forward-request.ts'
import { createBadTokens } from './identity/bad-tokens.ts'
import { secondFactorOf } from './identity/second-factor.ts'
import { createTokenCheck } from './identity/token-check.ts'
import { createKeptAnswers, type KeptAnswers } from './kept-answers.ts'
import { createCrowd } from './load/crowd.ts'
import { type LoopLateness, watchLoop } from './load/loop-lateness.ts'
import { publicAsker } from './pages/ask-public.ts'
import type { BuiltPages } from './pages/built-pages.ts'
import { servePages, showLost } from './pages/serve-pages.ts'
import { writePages } from './pages/write-pages.ts'
import { platformHealth } from './platform-health.ts'
import { streamOpener } from './streams/open-stream.ts'
import { createPriceRelay } from './streams/price-relay.ts'
import { createSessionWatch } from './streams/session-watch.ts'

export type GatewayParts = {
  /** Every other service. */
  readonly transports: Transports
  readonly callerSecret: string
  readonly cache: Cache
  /** To and from the other gateways. */
  readonly bus: Bus
  readonly limits: RateLimits
  /** Under way at the same time. */
  readonly atOnce: {
    readonly requests: number
    /** Of one customer, or of one address without a customer. */
    readonly requestsPerParty: number
    readonly streamsPerParty: number
  }
  readonly breaker: BreakerRules
  /** Addresses or networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** The origin under which people reach the door. */
  readonly publicUrl: string
  /** Other origins whose pages may call. */
  readonly corsOrigins: readonly string[]
  readonly capabilities: Capabilities
  /** Absent where no pages were built. */
  readonly pages?: BuiltPages | undefined
  readonly log: Log
  readonly telemetry: Telemetry
  readonly now: () => number
  /** From 0 to 1. */
  readonly chance: () => number
  readonly timeouts?: HttpTimeouts
}

const SELF: Caller = { kind: 'system', name: 'gateway' }

type Handle = (request: HttpRequest, reply: HttpReply) => Promise<HttpReply>

export async function createGateway(parts: GatewayParts): Promise<Service> {
  const { log, now, pages, timeouts } = parts
  const guarded = guardAll(parts)
  const signing = { secret: parts.callerSecret, now }
  const send = sendAs(SELF, guarded, signing)
  const badTokens = createBadTokens(parts)
  const tokens = createTokenCheck({ send, badTokens, now })
  const sessions = createSessionWatch({ tokens, bus: parts.bus, now })
  const prices = createPriceRelay({ ...parts, open: priceFeed(guarded, signing) })
  const kept = createKeptAnswers({ now })
  const loop = watchLoop()
  let closing = false
  const observe = requestObserver({ ...parts, service: 'gateway', level: 'info' })
  const admission = createAdmission({
    tokens,
    rateLimit: createRateLimit(parts),
    ...doorkeepers(parts, loop),
    now,
    closing: () => closing,
    elsewhere: { route: undefined, observe: observe({ name: 'none', timed: false }) },
  })
  const server = createHttpServer({
    log,
    ...admission,
    ...(timeouts === undefined ? {} : { timeouts }),
    ...(pages === undefined ? {} : { lost: showLost(pages) }),
  })
  const opening = { server, transports: guarded, signing, prices, sessions, log }
  const served: Readonly<Record<string, Handle>> = {
    [getCapabilities.name]: jsonPage({ data: parts.capabilities }),
    [openStream.name]: streamOpener({
      ...opening,
      streamsPerPartyMax: parts.atOnce.streamsPerParty,
    }),
  }
  for (const route of PUBLIC_ROUTES) {
    const timed = route.media !== 'text/event-stream'
    server.app.route({
      method: route.method,
      url: API_BASE + route.path,
      config: { entrance: { route, observe: observe({ name: route.name, timed }) } },
      handler:
        served[route.name] ??
        forwarding(route, { ...parts, transports: guarded, signing, send, kept }),
    })
  }
  describeItself(server, parts.capabilities.version)
  const asker = { transports: guarded, signing, kept, capabilities: parts.capabilities }
  const written =
    pages && writePages(pages, { ...parts, origin: parts.publicUrl, send: publicAsker(asker) })
  if (pages !== undefined) servePages(server, pages, written)
  answerHealth(server.app, 'gateway', platformHealth(parts.transports, guarded))
  await server.app.ready()
  return {
    name: 'gateway',
    app: server.app,
    answer: () => undefined,
    async close() {
      closing = true
      prices.close()
      sessions.close()
      await server.app.close()
      await written?.close()
      loop.close()
      for (const transport of guarded.values()) await transport.close()
    },
  }
}

type Guarded = ReadonlyMap<ServiceName, GuardedTransport>

function guardAll(parts: GatewayParts): Guarded {
  const guard = { ...parts, service: 'gateway', rules: parts.breaker } as const
  return new Map(
    [...parts.transports].map(([name, transport]) => [
      name,
      isGuarded(transport) ? transport : guardTransport(transport, name, guard),
    ]),
  )
}

function doorkeepers(parts: GatewayParts, loop: LoopLateness) {
  const { atOnce, corsOrigins: origins, publicUrl, trustedProxies } = parts
  return {
    addressOf: createClientAddress(trustedProxies),
    crossOrigin: createCrossOrigin(origins),
    crossSite: createCrossSite({ publicUrl }),
    crowd: createCrowd({
      requestsAtOnce: atOnce.requests,
      perPartyMax: atOnce.requestsPerParty,
      loop,
    }),
  }
}

const priceFeed =
  (transports: Transports, signing: CallSigning) =>
  async (signal: AbortSignal): Promise<Readable> => {
    const wire = signed(requestOf(streamPrices, { signal }), SELF, signing)
    const answer = await transportTo(transports, streamPrices.service).open(wire)
    if (answer.status === streamPrices.status) return answer.body
    answer.body.resume()
    throw new Problem('dependency-down', { cause: `the price feed answered ${answer.status}` })
  }

type ForwardingParts = {
  readonly transports: Transports
  readonly signing: CallSigning
  readonly send: Send
  readonly bus: Bus
  readonly kept: KeptAnswers
}

function forwarding(route: Route, parts: ForwardingParts): Handle {
  const { send, kept } = parts
  const forward = forwardTo(route, parts)
  if (route.access === 'public' && route.method === 'GET') return keeping(forward, kept)
  const passSecondFactor = secondFactorOf(route, send)
  return async (request, reply) => {
    const visit = visitOf(request)
    visit.stay.enter()
    const passing =
      passSecondFactor === undefined
        ? visit
        : { ...visit, caller: await passSecondFactor(request, visit) }
    const answer = await forward(request, passing)
    return passBack(reply, seenFromOutside(answer), visit.caller)
  }
}

/** A public answer is the same for everyone, and for a client that has it already it is none. */
function keeping(forward: Forward, kept: KeptAnswers): Handle {
  return async (request, reply) => {
    const visit = visitOf(request)
    visit.stay.enter()
    const ask = async () => seenFromOutside(await forward(request, visit))
    const answer = await kept.answerTo(request.url, ask)
    const { etag } = answer.headers
    if (etag !== undefined && request.headers['if-none-match'] === etag) {
      return reply.code(304).header('etag', etag).send()
    }
    return passBack(reply, answer, visit.caller)
  }
}

/** Bytes made once. */
function jsonPage(value: unknown): Handle {
  const body = JSON.stringify(value)
  return async (_, reply) => reply.type('application/json; charset=utf-8').send(body)
}

function describeItself({ app }: HttpServer, version: string): void {
  const page = renderDocs({ version })
  const policy = pagePolicy(DOCS_STYLE)
  app.get('/openapi.json', jsonPage(openApiDocument({ version })))
  app.get('/docs', async (_, reply) =>
    reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(page),
  )
}
