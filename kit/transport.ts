/**
 * How a request reaches a service: into its router in this process, or over HTTP
 * (http-transport.ts). Both keep the caller's deadline, and both can carry an event stream.
 */
import type { Readable } from 'node:stream'
import type { Send, WireAnswer, WireRequest } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { ServiceName } from '@cnop/contract/route.ts'
import { CALLER_HEADER, type Caller, signCaller } from './caller.ts'
import { TIMEOUT_HEADER, TIMEOUT_MS_DEFAULT } from './deadline.ts'
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

export const timeoutOf = (request: WireRequest): number =>
  Number(request.headers[TIMEOUT_HEADER] ?? TIMEOUT_MS_DEFAULT) + ANSWER_GRACE_MS

export const down = (service: string, cause: unknown): Problem =>
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
