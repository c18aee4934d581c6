/** Requests to a service in another process. */
import type { WireAnswer, WireRequest } from '@cnop/contract/call.ts'
import type { Route } from '@cnop/contract/route.ts'
import { type Dispatcher, Pool } from 'undici'
import { HEARTBEAT_MS } from './event-stream.ts'
import { refuseStrangeHead, saidIn } from './honest-answer.ts'
import { ConnectionLost, down, NeverReached, type Transport, timeoutOf } from './transport.ts'

type Media = Route['media']

const STREAM: Media = 'text/event-stream'

/** A stream that stays silent for longer than this is broken. */
const SILENCE_MAX_MS = 3 * HEARTBEAT_MS

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
