/**
 * The shell every service stands in: validates, verifies the caller, answers, refuses, measures.
 * A service is a list of endpoints; a process is a few lines round it.
 */
import { parse as parseQuery } from 'node:querystring'
import type { WireAnswer, WireRequest } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Route, ServiceName } from '@cnop/contract/route.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  type Answerer,
  type Answering,
  type Asked,
  type Call,
  callReader,
  type Handler,
  responder,
} from './answer-call.ts'
import type { Caller, Customer } from './caller.ts'
import { type EventStream, openEventStream } from './event-stream.ts'
import {
  answerHealth,
  BODY_BYTES_MAX,
  createHttpServer,
  type Health,
  type HttpServer,
  requestIdOf,
} from './http-server.ts'
import type { Log } from './log.ts'
import { requestObserver } from './observe-requests.ts'
import { createRouter, type Router } from './router.ts'
import type { Telemetry } from './telemetry.ts'

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
  /** What every answer passes on its way out; streams do not. */
  readonly answering?: (answer: Answerer) => Answerer
  readonly onClose?: () => Promise<void>
}

export type Service = {
  readonly name: ServiceName
  readonly app: FastifyInstance
  /**
   * Answers a request of this process without a detour through HTTP: the same checks, the same
   * answer. `undefined` for what only the HTTP server can answer.
   */
  answer(request: WireRequest): Promise<WireAnswer> | undefined
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
  const router = createRouter<Answerer>()
  const { answering = (answer) => answer } = parts
  for (const { route, answer, stream } of parts.endpoints) {
    const timed = route.media !== 'text/event-stream'
    const observed = { ...parts, observe: observe({ name: route.name, timed }) }
    if (stream !== undefined) mountStream(server, { route, stream }, observed)
    if (answer !== undefined)
      mountAnswer(app, router, { route, respond: answering(responder(route, answer, observed)) })
  }
  await app.ready()
  return {
    name: parts.name,
    app,
    answer: answerOf(router),
    async close() {
      await app.close()
      await parts.onClose?.()
    },
  }
}

function mountAnswer(
  app: FastifyInstance,
  router: Router<Answerer>,
  { route, respond }: { route: Route; respond: Answerer },
): void {
  router.add(route.method, route.path, respond)
  app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const answer = await respond(askedOver(request))
      return reply.code(answer.status).headers(answer.headers).send(answer.body)
    },
  })
}

const askedOver = (request: FastifyRequest): Asked => ({
  path: request.url.split('?', 1)[0] ?? '/',
  params: request.params,
  query: request.query,
  headers: request.headers,
  body: request.body as string | undefined,
  requestId: request.id,
})

/** What HTTP would refuse before an endpoint sees it, or answers without one, is left to HTTP. */
function answerOf(router: Router<Answerer>): Service['answer'] {
  return ({ method, path: target, headers, body }) => {
    if (body !== undefined && !isPlainJson(headers, body)) return undefined
    const [path = '/', query = ''] = target.split(/\?(.*)/s)
    const found = router.find(method, path)
    return found?.handler({
      path,
      params: found.params,
      query: parseQuery(query),
      headers,
      body,
      requestId: requestIdOf({ headers }),
    })
  }
}

const isPlainJson = (headers: WireRequest['headers'], body: string): boolean =>
  headers['content-type']?.startsWith('application/json') === true &&
  body !== '' &&
  Buffer.byteLength(body) <= BODY_BYTES_MAX

function mountStream(
  server: HttpServer,
  { route, stream }: { route: Route; stream: StreamHandler<Route> },
  parts: Answering,
): void {
  const read = callReader(route, parts)
  server.app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      parts.observe.watch(reply.raw, () => ({ request_id: request.id }))
      return openStream(server, {
        call: read(askedOver(request)),
        reply,
        handle: stream,
        log: parts.log,
      })
    },
  })
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
