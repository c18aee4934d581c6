/**
 * How a route is called: by the pages, by bots, and by one service of another. The way the bytes
 * travel is passed in as `send`; what is said is the route's.
 */
import { Problem, problemFrom } from './problem.ts'
import {
  type AnswerOf,
  API_BASE,
  type BodyOf,
  type ParamsOf,
  type QueryOf,
  type Route,
  type ServiceName,
} from './route.ts'

export type WireRequest = {
  readonly service: ServiceName
  readonly method: string
  /** With the query, without a base. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Of the answer that is hoped for; absent for JSON. */
  readonly media?: Route['media']
  readonly signal?: AbortSignal
  /** A hint: what has the same is best asked of the same replica. */
  readonly affinity?: string
}

export type WireAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  /** What the body says, where it was read on the way because nobody vouches for the sender. */
  readonly said?: unknown
}

export type Send = (request: WireRequest) => Promise<WireAnswer>

type WhenAny<T, Name extends string> = object extends T
  ? { readonly [K in Name]?: T }
  : { readonly [K in Name]: T }

export type CallInput<R extends Route> = WhenAny<ParamsOf<R>, 'params'> &
  WhenAny<QueryOf<R>, 'query'> &
  WhenAny<BodyOf<R>, 'body'> & {
    readonly idempotencyKey?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly signal?: AbortSignal
  }

type LooseInput = {
  params?: Record<string, unknown>
  query?: Record<string, unknown>
  body?: unknown
  idempotencyKey?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** The path of a route with its parameters and query filled in. */
export function pathOf(
  route: Route,
  params: Record<string, unknown> = {},
  query: Record<string, unknown> = {},
): string {
  const path = route.path.replace(/:([a-z_]+)/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  )
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value))
  }
  return search.size > 0 ? `${path}?${search}` : path
}

export function requestOf<R extends Route>(route: R, input: CallInput<R>): WireRequest {
  const { params, query, body, idempotencyKey, headers, signal } = input as LooseInput
  return {
    service: route.service,
    method: route.method,
    path: pathOf(route, params, query),
    headers: {
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(route.media === 'application/json' ? {} : { media: route.media }),
    ...(signal === undefined ? {} : { signal }),
  }
}

/**
 * Calls a route and returns its answer's body. Throws the `Problem` that was answered;
 * `dependency-down` when the answer is not one of this contract.
 */
export async function call<R extends Route>(
  send: Send,
  route: R,
  input: CallInput<R>,
): Promise<AnswerOf<R>> {
  const answer = await send(requestOf(route, input))
  const body = parsed(answer.body)
  if (answer.status === route.status && body !== undefined) return body as AnswerOf<R>
  throw problemFrom(body, answer.headers['retry-after'])
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Sends to the public door with the platform's own `fetch`: for pages and bots. */
export function fetchSend(door: {
  readonly url: string
  readonly token?: () => string | undefined
}): Send {
  return async (request) => {
    const token = door.token?.()
    const answer = await fetch(`${door.url}${API_BASE}${request.path}`, {
      method: request.method,
      headers: {
        ...request.headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    }).catch((cause: unknown) => {
      throw new Problem('dependency-down', { detail: 'The platform cannot be reached.', cause })
    })
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: await answer.text(),
    }
  }
}
