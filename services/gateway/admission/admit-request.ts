/**
 * What happens to every request before anything else: it gets a name, a trace and its security
 * headers, its caller is known, and its allowance is counted.
 */
import { Problem } from '@cnop/contract/problem.ts'
import type { Route, ServiceName } from '@cnop/contract/route.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import type { HttpReply, HttpRequest } from '@cnop/kit/http-server.ts'
import { networkOf } from '@cnop/kit/networks.ts'
import type { Observe } from '@cnop/kit/observe-requests.ts'
import { SECURITY_HEADERS } from '../security-headers.ts'
import { type ClientAddressOf, plainAddress } from './client-address.ts'
import { type RateLimit, rateHeaders } from './rate-limit.ts'
import { bearerOf, type Identity, type TokenCheck } from './token-check.ts'
import { traceIdOf, traceparentOf } from './trace-context.ts'

/** What is known of a request once it is admitted. */
export type Visit = {
  readonly caller: Caller
  /** Absent for a caller who is not signed in. */
  readonly identity: Identity | undefined
  /** Who shares an allowance: the customer, or everyone at the same address. */
  readonly party: string
  readonly traceparent: string
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

export function createAdmission(parts: {
  readonly tokens: TokenCheck
  readonly rateLimit: RateLimit
  readonly addressOf: ClientAddressOf
  readonly now: () => number
  readonly closing: () => boolean
  readonly elsewhere: Entrance
}): Admission {
  const { tokens, rateLimit, addressOf, now, closing, elsewhere } = parts

  /** A public route never looks at the token. */
  async function identify(
    request: HttpRequest,
    route: Route | undefined,
  ): Promise<Identity | undefined> {
    if (route === undefined || route.access === 'public') return undefined
    const token = bearerOf(request.headers.authorization)
    if (token !== undefined) return tokens.identify(token)
    if (route.access === 'customer') throw new Problem('not-signed-in')
    return undefined
  }

  async function spend(reply: HttpReply, party: string, service: ServiceName): Promise<void> {
    const spending = await rateLimit(party, service)
    void reply.headers(rateHeaders(spending, now()))
    if (spending.allowed) return
    throw new Problem('rate-limited', {
      detail: `At most ${spending.perMinute} such requests a minute.`,
      retryAfterSeconds: Math.ceil(spending.retryAfterMs / 1000),
    })
  }

  async function admit(request: HttpRequest, reply: HttpReply): Promise<void> {
    const { route, observe } = entranceOf(request) ?? elsewhere
    const address = addressOf(request.raw)
    const traceparent = traceparentOf(request.headers['traceparent'])
    let identity: Identity | undefined
    observe.watch(reply.raw, () => ({
      request_id: request.id,
      trace_id: traceIdOf(traceparent),
      user_id: identity?.caller.userId,
      client_address: address,
    }))
    void reply.headers(SECURITY_HEADERS).header('x-request-id', request.id)
    if (!isApi(request.url)) return refuseWhile(closing())

    void reply.header('cache-control', 'no-store')
    let refusal: unknown
    try {
      refuseWhile(closing())
      identity = await identify(request, route)
    } catch (error) {
      refusal = error
    }
    const party = identity?.caller.userId ?? networkOf(address)
    await spend(reply, party, route?.service ?? 'gateway')
    if (refusal !== undefined) throw refusal
    const visit: Visit = { caller: identity?.caller ?? ANONYMOUS, identity, party, traceparent }
    ;(request as Visited).visit = visit
  }

  return {
    admit,
    async headersOnSocket(peer) {
      const spending = await rateLimit(networkOf(plainAddress(peer)), 'gateway')
      return { ...SECURITY_HEADERS, 'cache-control': 'no-store', ...rateHeaders(spending, now()) }
    },
  }
}

const entranceOf = (request: HttpRequest): Entrance | undefined =>
  (request.routeOptions.config as { entrance?: Entrance } | undefined)?.entrance

const isApi = (url: string): boolean => url.startsWith('/api/')

function refuseWhile(closing: boolean): void {
  if (closing) {
    throw new Problem('shutting-down', { retryAfterSeconds: RETRY_AFTER_CLOSING_SECONDS })
  }
}
