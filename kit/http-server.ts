/**
 * The HTTP server under every service and under the door: JSON text in, problems out, request ids,
 * health, and a close that neither waits for idle clients nor cuts off work in flight.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { PROBLEM_MEDIA_TYPE, Problem, problemBody } from '@cnop/contract/problem.ts'
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { EventStream } from './event-stream.ts'
import type { Log } from './log.ts'

export type HttpServer = {
  readonly app: FastifyInstance
  /** Event streams end when the server closes, so that closing does not wait for them. */
  track(stream: EventStream): void
}

export type Health = { readonly ready: boolean; readonly details: Readonly<Record<string, string>> }

export const BODY_BYTES_MAX = 64 * 1024
export const HEADER_BYTES_MAX = 16 * 1024

export function createHttpServer(options: { log: Log }): HttpServer {
  const { log } = options
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    keepAliveTimeout: 72_000,
    requestTimeout: 30_000,
    http: { maxHeaderSize: HEADER_BYTES_MAX, headersTimeout: 15_000 },
    routerOptions: { maxParamLength: 256 },
    exposeHeadRoutes: false,
    clientErrorHandler: refuseOnSocket,
    frameworkErrors: (error, request, reply) => void refuse(log, request, reply, error),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) =>
    done(null, body),
  )
  app.setErrorHandler((error, request, reply) => refuse(log, request, reply, error))
  app.setNotFoundHandler((request, reply) => refuse(log, request, reply, notFound(app, request)))
  sweepIdleConnections(app)
  const streams = new Set<EventStream>()
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.close()
  })
  return {
    app,
    track(stream) {
      streams.add(stream)
      stream.onClose(() => streams.delete(stream))
    },
  }
}

/** Idle keep-alive connections are swept while closing, so that it takes as long as the work in flight. */
function sweepIdleConnections(app: FastifyInstance): void {
  let sweep: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    sweep = setInterval(() => app.server.closeIdleConnections(), 50)
    sweep.unref()
  })
  app.addHook('onClose', async () => clearInterval(sweep))
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

function notFound(app: FastifyInstance, request: FastifyRequest): Problem {
  const url = request.url.split('?', 1)[0] ?? '/'
  const others = METHODS.filter(
    (method) => app.findRoute({ method, url }) !== null || app.hasRoute({ method, url }),
  )
  return others.length > 0 ? new Problem('method-not-allowed') : new Problem('route-not-found')
}

/** The one place that turns a refusal into HTTP. */
export function refuse(
  log: Log,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): FastifyReply {
  const problem = problemOf(error)
  const requestId = requestIdOf(request)
  if (problem.status >= 500) {
    log.error(
      { request_id: requestId, code: problem.code, err: problem.cause ?? error },
      'request failed',
    )
  }
  if (problem.retryAfterSeconds !== undefined)
    void reply.header('retry-after', problem.retryAfterSeconds)
  const instance = request.url.split('?', 1)[0] ?? '/'
  return reply
    .code(problem.status)
    .header('x-request-id', requestId)
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problemBody(problem, { instance, requestId })))
}

const CODES_OF_THE_FRAMEWORK: Readonly<
  Record<string, 'body-too-large' | 'unsupported-media-type'>
> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { code = '', statusCode } = error as Partial<FastifyError>
  const known = CODES_OF_THE_FRAMEWORK[code]
  if (known !== undefined) return new Problem(known, { cause: error })
  const theirs = statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return new Problem(theirs ? 'malformed-request' : 'internal-error', { cause: error })
}

/** What cannot be parsed as HTTP still gets a problem answer. */
function refuseOnSocket(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = new Problem(
    error.code === 'HPE_HEADER_OVERFLOW' ? 'headers-too-large' : 'malformed-request',
  )
  const body = JSON.stringify(
    problemBody(problem, { instance: '/', requestId: crypto.randomUUID() }),
  )
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.message}\r\ncontent-type: ${PROBLEM_MEDIA_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/
const requestIds = new WeakMap<IncomingMessage, string>()

/** The caller's request id where it is well formed, else a new one; the same for the whole request. */
export function requestIdOf(request: FastifyRequest): string {
  const known = requestIds.get(request.raw)
  if (known !== undefined) return known
  const given = request.headers['x-request-id']
  const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : crypto.randomUUID()
  requestIds.set(request.raw, id)
  return id
}

export function answerHealth(
  app: FastifyInstance,
  name: string,
  health?: () => Promise<Health>,
): void {
  const ready = async (_: FastifyRequest, reply: FastifyReply) => {
    const report = (await health?.()) ?? { ready: true, details: {} }
    return reply
      .code(report.ready ? 200 : 503)
      .send({ status: report.ready ? 'ready' : 'not ready', service: name, checks: report.details })
  }
  app.get('/health/live', async () => ({ status: 'live', service: name }))
  app.get('/health/ready', ready)
  app.get('/health', ready)
}
