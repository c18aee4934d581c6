/**
 * The shell every service stands in: validates, verifies the caller, answers, refuses, measures.
 * A service is a list of endpoints; a process is a few lines round it.
 */
import type { IncomingMessage } from 'node:http'
import { PROBLEM_MEDIA_TYPE, Problem } from '@cnop/contract/problem.ts'
import type {
  AnswerOf,
  BodyOf,
  ParamsOf,
  QueryOf,
  Route,
  ServiceName,
} from '@cnop/contract/route.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Compile } from 'typebox/compile'
import { CALLER_HEADER, type Caller, type Customer, verifyCaller } from './caller.ts'
import { type EventStream, openEventStream } from './event-stream.ts'
import { answerHealth, createHttpServer, type Health, type HttpServer } from './http-server.ts'
import { bodyReader, textReader } from './json-body.ts'
import type { Log } from './log.ts'
import { type Observe, requestObserver } from './observe-requests.ts'
import type { Telemetry } from './telemetry.ts'
import { TIMEOUT_HEADER, TIMEOUT_MS_DEFAULT } from './transport.ts'

/** One request as a handler sees it: everything checked, nothing of HTTP left. */
export type Call<R extends Route> = {
  readonly params: ParamsOf<R>
  readonly query: QueryOf<R>
  readonly body: BodyOf<R>
  readonly caller: Caller
  readonly requestId: string
  readonly idempotencyKey: string | undefined
  /** When the caller stops waiting: epoch milliseconds. */
  readonly deadline: number
  readonly headers: IncomingMessage['headers']
}

/** An answer whose exact bytes are kept, such as one replayed for its idempotency key. */
export class StoredAnswer {
  readonly status: number
  readonly body: string
  readonly replayed: boolean

  constructor(answer: { status: number; body: string; replayed: boolean }) {
    this.status = answer.status
    this.body = answer.body
    this.replayed = answer.replayed
  }
}

/** An answer that is text already, with headers of its own, such as how long it may be kept. */
export class WrittenAnswer {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>

  constructor(body: string, headers: Readonly<Record<string, string>>) {
    this.body = body
    this.headers = headers
  }
}

/** Answers a call, or throws the `Problem` it is refused with. */
export type Handler<R extends Route> = (
  call: Call<R>,
) => Promise<AnswerOf<R> | StoredAnswer | WrittenAnswer>
export type StreamHandler<R extends Route> = (call: Call<R>, stream: EventStream) => Promise<void>

export type Endpoint = {
  readonly route: Route
  readonly answer?: Handler<Route>
  readonly stream?: StreamHandler<Route>
}

export const serve = <R extends Route>(route: R, answer: Handler<R>): Endpoint => ({
  route,
  answer: answer as unknown as Handler<Route>,
})

export const serveStream = <R extends Route>(route: R, stream: StreamHandler<R>): Endpoint => ({
  route,
  stream: stream as unknown as StreamHandler<Route>,
})

/** The signed-in customer of a route whose access is `customer`. */
export function customerOf(call: { readonly caller: Caller }): Customer {
  if (call.caller.kind !== 'customer') throw new Problem('not-signed-in')
  return call.caller
}

export type ServiceParts = {
  readonly name: ServiceName
  readonly endpoints: readonly Endpoint[]
  readonly callerSecret: string
  readonly log: Log
  readonly telemetry: Telemetry
  readonly now: () => number
  readonly health?: () => Promise<Health>
  /** Tests run with answers checked against their schema; a misfit is an internal error. */
  readonly checkAnswers?: boolean
  readonly onClose?: () => Promise<void>
}

export type Service = {
  readonly name: ServiceName
  readonly app: FastifyInstance
  close(): Promise<void>
}

export async function createService(parts: ServiceParts): Promise<Service> {
  const server = createHttpServer(parts)
  const { app } = server
  answerHealth(app, parts.name, parts.health)
  app.get('/internal/metrics', async (_, reply) =>
    reply.type(parts.telemetry.registry.contentType).send(await parts.telemetry.registry.metrics()),
  )
  const observe = requestObserver({ ...parts, service: parts.name, level: 'debug' })
  for (const endpoint of parts.endpoints) {
    const { name, media } = endpoint.route
    mount(server, endpoint, {
      ...parts,
      observe: observe({ name, timed: media !== 'text/event-stream' }),
    })
  }
  await app.ready()
  return {
    name: parts.name,
    app,
    async close() {
      await app.close()
      await parts.onClose?.()
    },
  }
}

function mount(
  server: HttpServer,
  endpoint: Endpoint,
  parts: ServiceParts & { observe: Observe },
): void {
  const { route } = endpoint
  const read = callReader(route, parts)
  const checkAnswer = parts.checkAnswers ? answerChecker(route) : undefined
  server.app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      parts.observe(reply.raw, () => ({ request_id: request.id }))
      const call = read(request)
      if (endpoint.stream !== undefined) {
        return openStream(server, { call, reply, handle: endpoint.stream, log: parts.log })
      }
      const answer = await endpoint.answer?.(call)
      void reply.header('x-request-id', call.requestId)
      return send(route, reply, answer, checkAnswer)
    },
  })
}

function callReader(route: Route, parts: ServiceParts): (request: FastifyRequest) => Call<Route> {
  const readParams = textReader(route.params)
  const readQuery = textReader(route.query)
  const readBody = route.body === undefined ? () => ({}) : bodyReader(route.body)
  return (request) => {
    const nowMs = parts.now()
    const header = request.headers[CALLER_HEADER]
    const caller = verifyCaller(typeof header === 'string' ? header : undefined, {
      secret: parts.callerSecret,
      nowMs,
    })
    admit(route, caller)
    const timeoutMs = Number(request.headers[TIMEOUT_HEADER]) || TIMEOUT_MS_DEFAULT
    return {
      params: readParams(request.params) as Record<string, unknown>,
      query: readQuery(request.query) as Record<string, unknown>,
      body: readBody(request.body as string | undefined),
      caller,
      requestId: request.id,
      idempotencyKey: route.idempotent ? idempotencyKeyOf(request) : undefined,
      deadline: nowMs + timeoutMs,
      headers: request.headers,
    }
  }
}

function admit(route: Route, caller: Caller): void {
  const { access } = route
  if (access === 'customer' && caller.kind !== 'customer') throw new Problem('not-signed-in')
  if (access === 'internal' && caller.kind !== 'system') throw new Problem('bad-signature')
  if (access === 'operator' && caller.kind !== 'operator') throw new Problem('bad-signature')
}

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{16,255}$/

function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && IDEMPOTENCY_KEY.test(key)) return key
  throw new Problem('invalid-input', {
    errors: [{ field: 'Idempotency-Key', message: 'Use 16 to 255 printable characters.' }],
  })
}

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8'

function send(
  route: Route,
  reply: FastifyReply,
  answer: unknown,
  checkAnswer: ((answer: unknown) => void) | undefined,
): FastifyReply {
  if (answer instanceof StoredAnswer) {
    if (answer.replayed) void reply.header('idempotent-replayed', 'true')
    const media = answer.status < 400 ? JSON_MEDIA_TYPE : PROBLEM_MEDIA_TYPE
    if (answer.status < 400) checkAnswer?.(JSON.parse(answer.body))
    return reply.code(answer.status).header('content-type', media).send(answer.body)
  }
  const json = route.media === 'application/json'
  void reply.code(route.status).header('content-type', json ? JSON_MEDIA_TYPE : route.media)
  if (answer instanceof WrittenAnswer) {
    checkAnswer?.(json ? JSON.parse(answer.body) : answer.body)
    return reply.headers(answer.headers).send(answer.body)
  }
  checkAnswer?.(answer)
  return reply.send(json ? JSON.stringify(answer) : answer)
}

function answerChecker(route: Route): (answer: unknown) => void {
  const validator = Compile(route.answer)
  return (answer) => {
    const wire: unknown = JSON.parse(JSON.stringify(answer))
    if (validator.Check(wire)) return
    const misfits = validator.Errors(wire).map((error) => `${error.instancePath} ${error.message}`)
    throw new Error(`${route.name} answered outside its schema: ${misfits.slice(0, 5).join('; ')}`)
  }
}

async function openStream(
  server: HttpServer,
  opening: { call: Call<Route>; reply: FastifyReply; handle: StreamHandler<Route>; log: Log },
): Promise<FastifyReply> {
  const { call, reply, handle, log } = opening
  reply.hijack()
  const stream = openEventStream(reply.raw, { 'x-request-id': call.requestId })
  server.track(stream)
  try {
    await handle(call, stream)
  } catch (error) {
    log.error({ request_id: call.requestId, err: error }, 'stream failed')
    stream.close()
  }
  return reply
}
