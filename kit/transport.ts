/**
 * How a request reaches a service: into its router in this process, or over HTTP. Both keep the
 * caller's deadline, and both can carry an event stream.
 */
import type { Readable } from 'node:stream'
import type { Send, WireAnswer, WireRequest } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Route, ServiceName } from '@cnop/contract/route.ts'
import { type Dispatcher, Pool } from 'undici'
import { CALLER_HEADER, type Caller, signCaller } from './caller.ts'
import { TIMEOUT_HEADER, TIMEOUT_MS_DEFAULT } from './deadline.ts'
import { HEARTBEAT_MS } from './event-stream.ts'
import { refuseStrangeHead, saidIn } from './honest-answer.ts'
import type { Service } from './service.ts'

export type OpenAnswer = Omit<WireAnswer, 'body'> & { readonly body: Readable }

/** One service, wherever it runs. Throws `dependency-down` when it does not answer in time. */
export type Transport = {
  send(request: WireRequest): Promise<WireAnswer>
  /** Answers as soon as the headers are there; ends with the request's signal. */
  open(request: WireRequest): Promise<OpenAnswer>
  close(): Promise<void>
}

export type Transports = ReadonlyMap<ServiceName, Transport>

/** Why a `dependency-down` is one: the connection failed before anything was answered. */
export class ConnectionLost extends Error {}

/** There was no connection, so nothing can have been heard. */
export class NeverReached extends ConnectionLost {}

/** What the called service allows itself; the transport waits a little longer, for its answer. */
const ANSWER_GRACE_MS = 1_000

/** A stream that stays silent for longer than this is broken. */
const SILENCE_MAX_MS = 3 * HEARTBEAT_MS

const timeoutOf = (request: WireRequest): number =>
  Number(request.headers[TIMEOUT_HEADER] ?? TIMEOUT_MS_DEFAULT) + ANSWER_GRACE_MS

const down = (service: string, cause: unknown): Problem =>
  new Problem('dependency-down', {
    detail: `The ${service} service does not answer.`,
    retryAfterSeconds: 2,
    cause,
  })

type Injected = {
  readonly statusCode: number
  readonly headers: Record<string, unknown>
  readonly payload: string
}

/** To a service in this process: a call of its own, or its HTTP router where a call will not do. */
export function localTransport(service: Pick<Service, 'app' | 'answer'>): Transport {
  const { app } = service
  const injection = (request: WireRequest) => ({
    method: request.method as 'GET',
    url: request.path,
    headers: { ...request.headers },
    ...(request.body === undefined ? {} : { payload: request.body }),
  })
  return {
    async send(request) {
      const answered = service.answer(request)
      if (answered !== undefined) return within(request, answered)
      const injected = (await within(request, app.inject(injection(request)))) as Injected
      return {
        status: injected.statusCode,
        headers: injected.headers as WireAnswer['headers'],
        body: injected.payload,
      }
    },
    async open(request) {
      const answer = await within(
        request,
        app.inject({ ...injection(request), payloadAsStream: true }),
      )
      const body = answer.stream()
      const abort = (): void => void answer.raw.res.destroy()
      if (request.signal?.aborted) abort()
      request.signal?.addEventListener('abort', abort, { once: true })
      return { status: answer.statusCode, headers: answer.headers as WireAnswer['headers'], body }
    },
    async close() {},
  }
}

/** Waits for the answer, the deadline or the caller's departure, whichever is first. */
async function within<T>(request: WireRequest, answer: Promise<T>): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const late = setTimeout(() => reject(down(request.service, 'deadline')), timeoutOf(request))
  const abort = (): void => reject(down(request.service, 'aborted'))
  if (request.signal?.aborted) abort()
  request.signal?.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([answer, ended])
  } catch (cause) {
    throw cause instanceof Problem ? cause : down(request.service, cause)
  } finally {
    clearTimeout(late)
    request.signal?.removeEventListener('abort', abort)
  }
}

type Media = Route['media']

const STREAM: Media = 'text/event-stream'

/** More than any route answers. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024

/**
 * Over HTTP to a service in another process; `url` is its origin. Streams have connections of their
 * own, so that those who listen never keep a call waiting. Whatever answers there is not believed
 * blindly: an answer that no service would give is none.
 */
export function httpTransport(url: string, options: { connectionsMax?: number } = {}): Transport {
  const pooled = { pipelining: 1, connect: { timeout: 2_000 }, headersTimeout: 0 }
  const calls = new Pool(url, {
    ...pooled,
    connections: options.connectionsMax ?? 128,
    bodyTimeout: 0,
    maxResponseSize: ANSWER_BYTES_MAX,
  })
  const streams = new Pool(url, { ...pooled, bodyTimeout: SILENCE_MAX_MS })
  return {
    async send(wire) {
      const limit = timeLimit(wire)
      try {
        const answer = await ask(calls, wire, { media: wire.media, signal: limit.signal })
        const body = await answer.body.text()
        return { ...answer, body, ...saidIn(answer, body) }
      } catch (cause) {
        throw down(wire.service, cause)
      } finally {
        limit.clear()
      }
    },
    async open(wire) {
      const limit = timeLimit(wire)
      try {
        const answer = await ask(streams, wire, { media: STREAM, signal: limit.signal })
        limit.lift()
        return answer
      } catch (cause) {
        limit.clear()
        throw down(wire.service, cause)
      }
    },
    async close() {
      await Promise.all([calls.destroy(), streams.destroy()])
    },
  }
}

/** Ends with the deadline, however slowly the bytes come, and with the request's own signal. */
function timeLimit(wire: WireRequest): {
  readonly signal: AbortSignal
  /** No deadline any more; the request's signal still ends it. */
  lift(): void
  clear(): void
} {
  const { signal: left } = wire
  const limit = new AbortController()
  const leave = (): void => limit.abort(left?.reason)
  const late = setTimeout(() => limit.abort(new Error('deadline')), timeoutOf(wire))
  const lift = (): void => clearTimeout(late)
  if (left?.aborted) leave()
  left?.addEventListener('abort', leave, { once: true })
  return {
    signal: limit.signal,
    lift,
    clear() {
      lift()
      left?.removeEventListener('abort', leave)
    },
  }
}

const CODES_OF_LOST_CONNECTIONS = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])
const CODES_OF_NO_CONNECTION = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
])

function lossOf(error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException
  if (CODES_OF_NO_CONNECTION.has(code)) return new NeverReached('no connection', { cause: error })
  return CODES_OF_LOST_CONNECTIONS.has(code)
    ? new ConnectionLost('no answer began', { cause: error })
    : error
}

async function ask(
  pool: Pool,
  wire: WireRequest,
  { media, signal }: { readonly media: Media | undefined; readonly signal: AbortSignal },
): Promise<Omit<WireAnswer, 'body'> & { readonly body: Dispatcher.ResponseData['body'] }> {
  const { method, path, headers, body } = wire
  const answer = await pool
    .request({ method: method as 'GET', path, headers, body: body ?? null, signal })
    .catch((cause: unknown) => {
      throw lossOf(cause)
    })
  const head = { status: answer.statusCode, headers: answer.headers as WireAnswer['headers'] }
  try {
    refuseStrangeHead(media, head)
  } catch (error) {
    answer.body.on('error', () => undefined).destroy()
    throw error
  }
  return { ...head, body: answer.body }
}

export type CallSigning = { readonly secret: string; readonly now: () => number }

/** Calls other services as a given caller; used with the contract's `call`. */
export function sendAs(
  caller: Caller,
  transports: Transports,
  signing: CallSigning,
  trace: { requestId?: string; deadline?: number } = {},
): Send {
  return (request) => {
    const transport = transportTo(transports, request.service)
    return transport.send(signed(request, caller, signing, trace))
  }
}

export function transportTo(transports: Transports, service: ServiceName): Transport {
  const transport = transports.get(service)
  if (transport === undefined) throw down(service, 'not configured')
  return transport
}

/** The request with its caller's signature and what is left of its time. */
export function signed(
  request: WireRequest,
  caller: Caller,
  signing: CallSigning,
  trace: { requestId?: string; deadline?: number } = {},
): WireRequest {
  const now = signing.now()
  const timeoutMs =
    trace.deadline === undefined ? TIMEOUT_MS_DEFAULT : Math.max(1, trace.deadline - now)
  return {
    ...request,
    ...(caller.kind === 'customer' ? { affinity: caller.userId } : {}),
    headers: {
      ...request.headers,
      [CALLER_HEADER]: signCaller(caller, { secret: signing.secret, nowMs: now }),
      [TIMEOUT_HEADER]: String(timeoutMs),
      ...(trace.requestId === undefined ? {} : { 'x-request-id': trace.requestId }),
    },
  }
}
