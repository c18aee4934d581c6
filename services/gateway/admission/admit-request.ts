/**
 * What happens to every request before anything else: it gets a name, a trace and its security
 * headers, its caller is known, and its allowance is counted.
 */
import { Problem } from '@cnop/contract/problem.ts'
import type { Route, ServiceName } from '@cnop/contract/route.ts'
import { refuseBeyondScope } from '@cnop/kit/answer-call.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import type { HttpReply, HttpRequest } from '@cnop/kit/http-server.ts'
import { networkOf } from '@cnop/kit/networks.ts'
import type { Observe } from '@cnop/kit/observe-requests.ts'
import type { CrossOrigin } from '../browsers/cross-origin.ts'
import type { CrossSite } from '../browsers/cross-site.ts'
import { SECURITY_HEADERS } from '../browsers/security-headers.ts'
import { bearerOf } from '../identity/bearer-token.ts'
import type { Identity, TokenCheck } from '../identity/token-check.ts'
import type { Crowd, Stay } from '../load/crowd.ts'
import { type ClientAddressOf, plainAddress } from './client-address.ts'
import { type RateLimit, rateHeaders } from './rate-limit.ts'
import { refuseOversized } from './request-bounds.ts'
import { traceIdOf, traceparentOf } from './trace-context.ts'

/** What is known of a request once it is admitted. */
export type Visit = {
  readonly caller: Caller
  /** Absent for a caller who is not signed in. */
  readonly identity: Identity | undefined
  /** Who shares an allowance: the customer, or everyone at the same address. */
  readonly party: string
  /** Where it came from. */
  readonly address: string
  readonly traceparent: string
  /** What it holds at the door until its answer has ended. */
  readonly stay: Stay
}

/** What the door knows of a path: its route, where it is one of the contract, and its record. */
export type Entrance = { readonly route: Route | undefined; readonly observe: Observe }

const ANONYMOUS: Caller = { kind: 'anonymous' }
const RETRY_AFTER_CLOSING_SECONDS = 2

type Visited = HttpRequest & { visit?: Visit }

export function visitOf(request: HttpRequest): Visit {
  const { visit } = request as Visited
  if (visit === undefined) throw new Error('The request was not admitted.')
  return visit
}

export type Admission = {
  admit(request: HttpRequest, reply: HttpReply): Promise<void>
  /** For what was no HTTP and could not be admitted. */
  headersOnSocket(peer: string): Promise<Readonly<Record<string, string>>>
}

export type AdmissionParts = {
  readonly tokens: TokenCheck
  readonly rateLimit: RateLimit
  readonly crowd: Crowd
  readonly crossOrigin: CrossOrigin
  readonly crossSite: CrossSite
  readonly addressOf: ClientAddressOf
  readonly now: () => number
  readonly closing: () => boolean
  readonly elsewhere: Entrance
}

export function createAdmission(parts: AdmissionParts): Admission {
  const { rateLimit, crowd, crossOrigin, crossSite, addressOf, now } = parts
  const identify = identifier(parts.tokens)

  async function spend(reply: HttpReply, party: string, service: ServiceName): Promise<void> {
    const spending = await rateLimit(party, service)
    void reply.headers(rateHeaders(spending, now()))
    if (spending.allowed) return
    throw new Problem('rate-limited', {
      detail: `At most ${spending.perMinute} such requests a minute.`,
      retryAfterSeconds: Math.ceil(spending.retryAfterMs / 1000),
    })
  }

  function examine(request: HttpRequest): void {
    if (parts.closing()) {
      throw new Problem('shutting-down', { retryAfterSeconds: RETRY_AFTER_CLOSING_SECONDS })
    }
    if (!isHealth(request.url)) crowd.refuseFull()
    refuseOversized(request)
  }

  /** What every answer tells, and the record of this request. */
  function begin(request: HttpRequest, reply: HttpReply): Visitor {
    const { route, observe } = entranceOf(request) ?? parts.elsewhere
    const address = addressOf(request.raw)
    const traceparent = traceparentOf(request.headers['traceparent'])
    const stay = crowd.stay()
    const visitor: Visitor = { route, address, traceparent, stay, identity: undefined }
    reply.raw.once('close', () => stay.leave())
    observe.watch(reply.raw, () => ({
      request_id: request.id,
      trace_id: traceIdOf(traceparent),
      user_id: visitor.identity?.caller.userId,
      client_address: address,
    }))
    void reply.headers(SECURITY_HEADERS).header('x-request-id', request.id)
    return visitor
  }

  /** Refusals of the API tell what is left of the allowance, so they wait until it is counted. */
  async function admit(request: HttpRequest, reply: HttpReply): Promise<void> {
    const visitor = begin(request, reply)
    const { route, address, traceparent, stay } = visitor
    if (!isApi(request.url)) return examine(request)

    void reply.header('cache-control', 'no-store').headers(crossOrigin.headersFor(request.headers))
    let refusal: unknown
    try {
      examine(request)
      crossSite.refuse(request, route)
      visitor.identity = await identify(request, visitor)
    } catch (error) {
      refusal = error
    }
    const { identity } = visitor
    const party = partyOf(visitor)
    await spend(reply, party, route?.service ?? 'gateway')
    if (refusal !== undefined) throw refusal
    stay.sit(party)
    const caller = identity?.caller ?? ANONYMOUS
    if (route !== undefined) refuseBeyondScope(route, caller)
    const visit: Visit = { caller, identity, party, address, traceparent, stay }
    ;(request as Visited).visit = visit
    const preflight = crossOrigin.preflight(request.method, request.headers)
    if (preflight !== undefined) void reply.code(204).headers(preflight).send()
  }

  return {
    admit,
    async headersOnSocket(peer) {
      const spending = await rateLimit(networkOf(plainAddress(peer)), 'gateway')
      return { ...SECURITY_HEADERS, 'cache-control': 'no-store', ...rateHeaders(spending, now()) }
    },
  }
}

/** A public route never looks at the token. */
function identifier(
  tokens: TokenCheck,
): (request: HttpRequest, visitor: Visitor) => Promise<Identity | undefined> {
  return async ({ headers }, { route, address }) => {
    if (route === undefined || route.access === 'public') return undefined
    const token = bearerOf(headers.authorization)
    if (token !== undefined) return tokens.identify(token, address)
    if (route.access === 'customer') throw new Problem('not-signed-in')
    return undefined
  }
}

/** What becomes known of a request on its way in. */
type Visitor = Pick<Visit, 'address' | 'traceparent' | 'stay'> & {
  readonly route: Route | undefined
  identity: Identity | undefined
}

const partyOf = ({ identity, address }: Visitor): string =>
  identity?.caller.userId ?? networkOf(address)

const entranceOf = (request: HttpRequest): Entrance | undefined =>
  (request.routeOptions.config as { entrance?: Entrance } | undefined)?.entrance

const isApi = (url: string): boolean => url.startsWith('/api/')

const isHealth = (url: string): boolean => /^\/health(?:\/|$)/.test(url)
