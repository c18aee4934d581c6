/** The one public door: every public route of the contract, what describes them, and nothing else. */
import type { Readable } from 'node:stream'
import { requestOf } from '@cnop/contract/call.ts'
import { type Capabilities, getCapabilities } from '@cnop/contract/capabilities.ts'
import { streamPrices } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import { API_BASE, type Route } from '@cnop/contract/route.ts'
import { logout } from '@cnop/contract/session.ts'
import { openStream } from '@cnop/contract/stream.ts'
import type { Cache } from '@cnop/kit/cache/cache.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import {
  answerHealth,
  createHttpServer,
  type HttpReply,
  type HttpRequest,
  type HttpServer,
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
import { createTokenCheck } from './admission/token-check.ts'
import { renderDocs } from './description/docs-page.ts'
import { DOCS_STYLE } from './description/docs-style.ts'
import { openApiDocument } from './description/openapi-document.ts'
import { type Forward, forwardTo, passBack, seenFromOutside } from './forward-request.ts'
import { createKeptAnswers, type KeptAnswers } from './kept-answers.ts'
import type { BuiltPages } from './pages/built-pages.ts'
import { servePages, showLost } from './pages/serve-pages.ts'
import { platformHealth } from './platform-health.ts'
import { pagePolicy } from './security-headers.ts'
import { streamOpener } from './streams/open-stream.ts'
import { createPriceRelay } from './streams/price-relay.ts'
import { createSessionWatch, type SessionWatch } from './streams/session-watch.ts'

export type GatewayParts = {
  /** Every other service. */
  readonly transports: Transports
  readonly callerSecret: string
  readonly cache: Cache
  readonly limits: RateLimits
  /** Addresses or networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  readonly capabilities: Capabilities
  readonly log: Log
  readonly telemetry: Telemetry
  readonly now: () => number
  /** From 0 to 1. */
  readonly chance: () => number
  readonly streamsPerPartyMax?: number
  /** Absent where no pages were built. */
  readonly pages?: BuiltPages | undefined
}

const SELF: Caller = { kind: 'system', name: 'gateway' }
const STREAMS_PER_PARTY_MAX = 50

type Handle = (request: HttpRequest, reply: HttpReply) => Promise<HttpReply>

export async function createGateway(parts: GatewayParts): Promise<Service> {
  const { transports, log, now } = parts
  const signing = { secret: parts.callerSecret, now }
  const observe = requestObserver({ ...parts, service: 'gateway', level: 'info' })
  const tokens = createTokenCheck({ send: sendAs(SELF, transports, signing), now })
  const sessions = createSessionWatch({ tokens, now })
  const prices = createPriceRelay({ ...parts, open: priceFeed(transports, signing) })
  const kept = createKeptAnswers({ now })
  let closing = false
  const admission = createAdmission({
    tokens,
    rateLimit: createRateLimit(parts),
    addressOf: createClientAddress(parts.trustedProxies),
    now,
    closing: () => closing,
    elsewhere: { route: undefined, observe: observe({ name: 'none', timed: false }) },
  })
  const { streamsPerPartyMax = STREAMS_PER_PARTY_MAX, pages } = parts
  const server = createHttpServer({
    log,
    ...admission,
    ...(pages === undefined ? {} : { lost: showLost(pages) }),
  })
  const served: Readonly<Record<string, Handle>> = {
    [getCapabilities.name]: jsonPage({ data: parts.capabilities }),
    [openStream.name]: streamOpener({
      server,
      transports,
      signing,
      prices,
      sessions,
      log,
      streamsPerPartyMax,
    }),
  }
  for (const route of PUBLIC_ROUTES) {
    const timed = route.media !== 'text/event-stream'
    server.app.route({
      method: route.method,
      url: API_BASE + route.path,
      config: { entrance: { route, observe: observe({ name: route.name, timed }) } },
      handler: served[route.name] ?? forwarding(route, { transports, signing, sessions, kept }),
    })
  }
  if (pages !== undefined) servePages(server, pages)
  describeItself(server, parts.capabilities.version)
  answerHealth(server.app, 'gateway', platformHealth(transports))
  await server.app.ready()
  return {
    name: 'gateway',
    app: server.app,
    answer: () => undefined,
    async close() {
      closing = true
      prices.close()
      await server.app.close()
    },
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

function forwarding(
  route: Route,
  parts: {
    transports: Transports
    signing: CallSigning
    sessions: SessionWatch
    kept: KeptAnswers
  },
): Handle {
  const forward = forwardTo(route, parts)
  if (route.access === 'public' && route.method === 'GET') return keeping(forward, parts.kept)
  return async (request, reply) => {
    const visit = visitOf(request)
    const answer = await forward(request, visit)
    if (route.name === logout.name && answer.status === 200 && visit.identity !== undefined)
      parts.sessions.end(visit.identity.caller.sessionId)
    return passBack(reply, seenFromOutside(answer), visit.caller)
  }
}

/** A public answer is the same for everyone, and for a client that has it already it is none. */
function keeping(forward: Forward, kept: KeptAnswers): Handle {
  return async (request, reply) => {
    const visit = visitOf(request)
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
