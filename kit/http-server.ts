/**
 * The HTTP server under every service and under the door: JSON text in, problems out, request ids,
 * health, and a close that neither waits for idle clients nor cuts off work in flight.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { WireAnswer } from '@cnop/contract/call.ts'
import { PROBLEM_MEDIA_TYPE, Problem, problemBody } from '@cnop/contract/problem.ts'
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { EventStream } from './event-stream.ts'
import type { Log } from './log.ts'
import { StoreFault } from './store/store.ts'

export type HttpRequest = FastifyRequest
export type HttpReply = FastifyReply

export type HttpServer = {
  readonly app: FastifyInstance
  /** Event streams end when the server closes, so that closing does not wait for them. */
  track(stream: EventStream): void
}

export type HttpServerOptions = {
  readonly log: Log
  /**
   * Runs first, for every request, also for one the router cannot read. Throws to refuse it, or
   * sends its answer.
   */
  readonly admit?: (request: HttpRequest, reply: HttpReply) => Promise<void>
  /** Answers what no route knows, where a refusal would be read by a person. */
  readonly lost?: (request: HttpRequest, reply: HttpReply) => HttpReply | undefined
  /** Headers of the answer to bytes that are no HTTP, by the address of the peer. */
  readonly headersOnSocket?: (peer: string) => Promise<Readonly<Record<string, string>>>
  readonly timeouts?: HttpTimeouts
}

/** How long a client may take to send. */
export type HttpTimeouts = {
  readonly headersMs: number
  /** With its body. */
  readonly requestMs: number
  /** How often it is looked who is over time. */
  readonly checkMs: number
}

export type Health = {
  readonly ready: boolean
  readonly details: Readonly<Record<string, string>>
  /** Of the services behind this one: whether they are asked. */
  readonly breakers?: Readonly<Record<string, string>>
}

export const BODY_BYTES_MAX = 64 * 1024
export const HEADER_BYTES_MAX = 16 * 1024

const TIMEOUTS: HttpTimeouts = { headersMs: 15_000, requestMs: 30_000, checkMs: 5_000 }

/** More are not let in, so that no flood of them takes every file descriptor. */
const CONNECTIONS_MAX = 10_000

/** A connection whose bytes were no HTTP has so long to take its answer. */
const REFUSED_SOCKET_MS = 1_000

/** Longer than any call may take: after this, closing no longer waits. */
const CLOSE_GRACE_MS = 12_000

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { log, admit, lost, headersOnSocket, timeouts = TIMEOUTS } = options
  const app = fastify({
    logger: false,
    genReqId: requestIdOf,
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    keepAliveTimeout: 72_000,
    requestTimeout: timeouts.requestMs,
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.checkMs,
    },
    routerOptions: { maxParamLength: 256 },
    exposeHeadRoutes: false,
    clientErrorHandler: (error, socket) =>
      awaitsAnswer(socket)
        ? void socket.destroy()
        : void refuseOnSocket(error, socket, headersOnSocket),
    frameworkErrors: (error, request, reply) =>
      void Promise.resolve(admit?.(request, reply)).then(
        () => refuse(log, request, reply, error),
        (refusal: unknown) => refuse(log, request, reply, refusal),
      ),
  })
  app.server.maxConnections = CONNECTIONS_MAX
  const awaitsAnswer = unansweredOn(app)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    done(isPacked(request) ? new Problem('unsupported-media-type', PACKED) : null, body),
  )
  app.setErrorHandler((error, request, reply) => refuse(log, request, reply, error))
  const known = knownRoutes(app)
  app.addHook('onRequest', async (request, reply) => {
    await admit?.(request, reply)
    if (reply.sent || !request.is404) return
    const refusal = unknownRoute(known, request, reply)
    if (refusal.code !== 'route-not-found' || lost?.(request, reply) === undefined) throw refusal
  })
  sweepConnections(app)
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

const PACKED = { detail: 'The body must not be compressed.' }

const isPacked = ({ headers }: HttpRequest): boolean =>
  (headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity'

/** Idle keep-alive connections are swept while closing, so that it takes as long as the work in flight. */
function sweepConnections(app: FastifyInstance): void {
  let sweep: NodeJS.Timeout | undefined
  let late: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    sweep = setInterval(() => app.server.closeIdleConnections(), 50).unref()
    late = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS).unref()
  })
  app.addHook('onClose', async () => {
    clearInterval(sweep)
    clearTimeout(late)
  })
}

type KnownRoute = { readonly method: string; readonly path: RegExp }

/** Filled as routes are added. */
function knownRoutes(app: FastifyInstance): readonly KnownRoute[] {
  const known: KnownRoute[] = []
  app.addHook('onRoute', ({ method, url }) => {
    const segments = url
      .split('/')
      .map((segment) => (segment.startsWith(':') ? '[^/]+' : RegExp.escape(segment)))
    known.push({ method: String(method), path: new RegExp(`^${segments.join('/')}$`) })
  })
  return known
}

/** A path that is there under other methods says under which. */
function unknownRoute(
  known: readonly KnownRoute[],
  request: HttpRequest,
  reply: HttpReply,
): Problem {
  const url = pathOf(request)
  const methods = known.filter(({ path }) => path.test(url)).map(({ method }) => method)
  if (methods.length === 0) return new Problem('route-not-found')
  void reply.header('allow', [...new Set(methods)].join(', '))
  return new Problem('method-not-allowed')
}

const pathOf = (request: HttpRequest): string => request.url.split('?', 1)[0] ?? '/'

function refuse(log: Log, request: HttpRequest, reply: HttpReply, error: unknown): HttpReply {
  const answer = refusalAnswer(error, { log, path: pathOf(request), requestId: request.id })
  return reply.code(answer.status).headers(answer.headers).send(answer.body)
}

/** The one place that turns a refusal into an answer. */
export function refusalAnswer(
  error: unknown,
  asked: { readonly log: Log; readonly path: string; readonly requestId: string },
): WireAnswer {
  const { log, path, requestId } = asked
  const problem = problemOf(error)
  if (problem.status >= 500) {
    const { code, cause = error } = problem
    // What nothing caused was meant, as by an overloaded door: it has no stack worth writing.
    if (cause === problem) log.warn({ request_id: requestId, code }, 'request refused')
    else log.error({ request_id: requestId, code, err: cause }, 'request failed')
  }
  const { retryAfterSeconds } = problem
  return {
    status: problem.status,
    headers: {
      ...problem.headers,
      'x-request-id': requestId,
      'content-type': PROBLEM_MEDIA_TYPE,
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
      ...(problem.status === 401 ? { 'www-authenticate': challengeOf(problem) } : {}),
    },
    body: JSON.stringify(problemBody(problem, { instance: path, requestId })),
  }
}

/** RFC 6750: how to sign in, and that the token was no good where one was given. */
const challengeOf = ({ code }: Problem): string =>
  code === 'bad-token' ? 'Bearer error="invalid_token"' : 'Bearer'

const CODES_OF_THE_FRAMEWORK: Readonly<
  Record<string, 'body-too-large' | 'unsupported-media-type'>
> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
}

/** What a store far away may say to any call; the rest of its faults are a program's own. */
function problemOfStore(fault: StoreFault): Problem | undefined {
  switch (fault.code) {
    case 'unavailable':
      return new Problem('store-unavailable', { retryAfterSeconds: 5, cause: fault })
    case 'throttled':
    case 'conflict':
      return new Problem('store-unavailable', { retryAfterSeconds: 1, cause: fault })
    case 'outcome-unknown':
      return new Problem('outcome-unknown', { retryAfterSeconds: 1, cause: fault })
    default:
      return undefined
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof StoreFault) {
    const problem = problemOfStore(error)
    if (problem !== undefined) return problem
  }
  const { code = '', statusCode } = error as Partial<FastifyError>
  const known = CODES_OF_THE_FRAMEWORK[code]
  if (known !== undefined) return new Problem(known, { cause: error })
  const theirs = statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return new Problem(theirs ? 'malformed-request' : 'internal-error', { cause: error })
}

/**
 * Whether somebody waits on a connection for the answer to a request that arrived whole. What cannot
 * be read behind it has no answer: it would be taken for that of the request, which may have done
 * what was asked.
 */
function unansweredOn({ server }: FastifyInstance): (socket: Socket) => boolean {
  type Last = { request: IncomingMessage; response: ServerResponse; behind: boolean }
  const last = new WeakMap<Socket, Last>()
  server.on('request', (request, response) => {
    const before = last.get(request.socket)
    const behind = before !== undefined && !before.response.writableFinished
    last.set(request.socket, { request, response, behind })
  })
  return (socket) => {
    const asked = last.get(socket)
    if (asked === undefined || asked.response.writableFinished) return false
    return asked.request.complete || asked.behind
  }
}

/** What cannot be parsed as HTTP still gets a problem answer. */
async function refuseOnSocket(
  error: Error & { code?: string },
  socket: Socket,
  headersOf: HttpServerOptions['headersOnSocket'],
): Promise<void> {
  const peer = socket.remoteAddress
  if (error.code === 'ECONNRESET' || peer === undefined || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = new Problem(
    error.code === 'HPE_HEADER_OVERFLOW' ? 'headers-too-large' : 'malformed-request',
  )
  const requestId = crypto.randomUUID()
  const body = JSON.stringify(problemBody(problem, { instance: '/', requestId }))
  const headers = {
    ...(await headersOf?.(peer)),
    'x-request-id': requestId,
    'content-type': PROBLEM_MEDIA_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  setTimeout(() => socket.destroy(), REFUSED_SOCKET_MS).unref()
  socket.end(`HTTP/1.1 ${problem.status} ${problem.message}\r\n${lines.join('')}\r\n${body}`)
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/

/** The caller's request id where it is well formed, else a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : crypto.randomUUID()
}

export function answerHealth(
  app: FastifyInstance,
  name: string,
  health?: () => Promise<Health>,
): void {
  const ready = async (_: HttpRequest, reply: HttpReply) => {
    const report = (await health?.()) ?? { ready: true, details: {} }
    const { breakers, details: checks } = report
    const status = report.ready ? 'ready' : 'not ready'
    return reply.code(report.ready ? 200 : 503).send({ status, service: name, checks, breakers })
  }
  app.get('/health/live', async () => ({ status: 'live', service: name }))
  app.get('/health/ready', ready)
  app.get('/health', ready)
}
