/** A request goes on to its service with its body untouched, and the answer comes back as it is. */
import { pathOf, type WireAnswer, type WireRequest } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { API_BASE, type Route } from '@cnop/contract/route.ts'
import type { Bus } from '@cnop/kit/bus/bus.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import type { HttpReply, HttpRequest } from '@cnop/kit/http-server.ts'
import { type CallSigning, signed, type Transports, transportTo } from '@cnop/kit/transport.ts'
import { believer, isProblem } from './believed-answer.ts'
import { cookieIn } from './browsers/refresh-cookie.ts'
import { doubtEnded } from './streams/session-watch.ts'

/** Nothing else of what a client says passes the door; least of all how services talk inside. */
const HEADERS_IN = ['idempotency-key', 'accept-language', 'last-event-id'] as const
const HEADERS_OUT = [
  'content-type',
  'retry-after',
  'www-authenticate',
  'idempotent-replayed',
  'cache-control',
  'etag',
  'set-cookie',
] as const

export type Passing = {
  readonly caller: Caller
  readonly traceparent: string
  /** Where the request came from: auth keeps a record of it, and nobody else hears it. */
  readonly address?: string
}

export type Forward = (request: HttpRequest, passing: Passing) => Promise<WireAnswer>

export function forwardTo(
  route: Route,
  parts: {
    readonly transports: Transports
    readonly signing: CallSigning
    /** To the gateways, this one included. */
    readonly bus: Bus
  },
): Forward {
  const { transports, signing, bus } = parts
  const pathFor = pathBuilder(route)
  const believed = believer(route)
  const media = route.media === 'application/json' ? {} : { media: route.media }
  return async (request, passing) => {
    const wire: WireRequest = {
      service: route.service,
      method: route.method,
      path: pathFor(request),
      ...contentOf(route, request, passing.traceparent),
      ...media,
    }
    const transport = transportTo(transports, route.service)
    const caller = callerFor(route, passing)
    const answer = await transport.send(signed(wire, caller, signing, { requestId: request.id }))
    doubtEnded(answer, bus)
    return believed(answer)
  }
}

function callerFor({ service }: Route, { caller, address }: Passing): Caller {
  return service === 'auth' && address !== undefined ? { ...caller, address } : caller
}

/**
 * The route's own path with each parameter encoded anew: however a client spells a segment, it stays
 * one segment of this route.
 */
function pathBuilder(route: Route): (request: HttpRequest) => string {
  const fixed = route.path.includes(':') ? undefined : route.path
  return ({ url, params }) => {
    const path = fixed ?? pathOf(route, wholeSegments(params as Record<string, string>))
    const query = url.indexOf('?')
    return query < 0 ? path : path + url.slice(query)
  }
}

function wholeSegments(params: Record<string, string>): Record<string, string> {
  for (const value of Object.values(params)) {
    if (value === '.' || value === '..') throw new Problem('route-not-found')
  }
  return params
}

function contentOf(
  route: Route,
  request: HttpRequest,
  traceparent: string,
): { headers: Record<string, string>; body?: string } {
  const headers: Record<string, string> = { traceparent }
  for (const name of HEADERS_IN) {
    const value = request.headers[name]
    if (typeof value === 'string') headers[name] = value
  }
  if (route.service === 'auth') addForAuth(headers, route, request)
  const { body } = request
  if (typeof body !== 'string' || body === '') return { headers }
  headers['content-type'] = request.headers['content-type'] ?? 'application/json'
  return { headers, body }
}

/** What sessions are shown by, and what they are renewed by. */
function addForAuth(headers: Record<string, string>, route: Route, request: HttpRequest): void {
  const { 'user-agent': userAgent, cookie: cookies } = request.headers
  if (userAgent !== undefined) headers['user-agent'] = userAgent
  const cookie = cookieIn(route, cookies)
  if (cookie !== undefined) headers['cookie'] = cookie
}

/** What is answered to a customer is nobody else's to keep. */
export function passBack(
  reply: HttpReply,
  answer: Omit<WireAnswer, 'body'> & { readonly body: string | Buffer },
  caller: Caller,
): HttpReply {
  for (const name of HEADERS_OUT) {
    const value = answer.headers[name]
    if (value !== undefined) void reply.header(name, value)
  }
  if (caller.kind !== 'anonymous') void reply.header('cache-control', 'no-store')
  return reply.code(answer.status).send(answer.body)
}

/** A service does not know the base path under which it is reached, and names itself without it. */
export function seenFromOutside(answer: WireAnswer): WireAnswer {
  if (!isProblem(answer)) return answer
  return { ...answer, body: answer.body.replace('"instance":"/', `"instance":"${API_BASE}/`) }
}
