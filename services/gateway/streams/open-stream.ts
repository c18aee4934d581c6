/** The event stream of one client: prices for anyone, the journal for its owner. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { requestOf } from '@cnop/contract/call.ts'
import { Problem, problemFrom } from '@cnop/contract/problem.ts'
import type { QueryOf } from '@cnop/contract/route.ts'
import { openStream, streamJournal } from '@cnop/contract/stream.ts'
import { type EventStream, openEventStream, readEvents } from '@cnop/kit/event-stream.ts'
import type { HttpReply, HttpRequest, HttpServer } from '@cnop/kit/http-server.ts'
import { textReader } from '@cnop/kit/json-body.ts'
import type { Log } from '@cnop/kit/log.ts'
import { type CallSigning, signed, type Transports, transportTo } from '@cnop/kit/transport.ts'
import { type Visit, visitOf } from '../admission/admit-request.ts'
import { createSeats } from '../load/seats.ts'
import type { PriceRelay } from './price-relay.ts'
import type { SessionWatch } from './session-watch.ts'

export type StreamParts = {
  readonly server: HttpServer
  readonly transports: Transports
  readonly signing: CallSigning
  readonly prices: PriceRelay
  readonly sessions: SessionWatch
  readonly log: Log
  /** Streams that one customer, or one address without a customer, may have open. */
  readonly streamsPerPartyMax: number
}

export function streamOpener(
  parts: StreamParts,
): (request: HttpRequest, reply: HttpReply) => Promise<HttpReply> {
  const { server, prices, sessions, log } = parts
  const readQuery = textReader(openStream.query)
  const takeSeat = streamSeats(parts.streamsPerPartyMax)

  return async (request, reply) => {
    const visit = visitOf(request)
    const channels = channelsOf(readQuery(request.query) as QueryOf<typeof openStream>, visit)
    const left = new AbortController()
    left.signal.addEventListener('abort', takeSeat(visit.party))
    reply.raw.once('close', () => left.abort())
    if (reply.raw.destroyed) left.abort()
    const journal = await openJournal(request, { ...parts, channels, visit, signal: left.signal })

    reply.hijack()
    visit.stay.leave()
    const stream = openEventStream(reply.raw, reply.getHeaders() as OutgoingHttpHeaders)
    server.track(stream)
    stream.onClose(() => left.abort())
    if (channels.includes('prices')) prices.subscribe(stream)
    if (visit.identity !== undefined && journal !== undefined) {
      sessions.guard(stream, visit.identity, visit.address)
      relay(journal, stream)
        .catch((error: unknown) => {
          if (!left.signal.aborted)
            log.warn({ request_id: request.id, err: error }, 'the journal broke off')
        })
        .finally(() => stream.close())
    }
    return reply
  }
}

/** As fast as the client reads, and no faster. */
const relay = (journal: Readable, stream: EventStream): Promise<void> =>
  readEvents(
    journal,
    (frame) => stream.send(frame),
    () => stream.drained(),
  )

type Channel = 'prices' | 'orders' | 'balances'

/** What was asked for, or else all that this caller may hear. */
function channelsOf({ channels }: QueryOf<typeof openStream>, visit: Visit): readonly Channel[] {
  if (channels !== undefined) return [...new Set(channels.split(',') as Channel[])]
  return visit.identity === undefined ? ['prices'] : ['prices', 'orders', 'balances']
}

/** The caller's own journal behind the last event it has seen; `undefined` when it wants none of it. */
async function openJournal(
  request: HttpRequest,
  opening: StreamParts & {
    readonly channels: readonly Channel[]
    readonly visit: Visit
    readonly signal: AbortSignal
  },
): Promise<Readable | undefined> {
  const { channels, visit, signal, signing, transports } = opening
  const own = channels.filter((channel) => channel !== 'prices')
  if (own.length === 0) return undefined
  if (visit.identity === undefined) throw new Problem('not-signed-in')
  const wire = requestOf(streamJournal, {
    query: { channels: own.join(','), ...afterOf(request.headers) },
    headers: { traceparent: visit.traceparent },
    signal,
  })
  const answer = await transportTo(transports, streamJournal.service).open(
    signed(wire, visit.caller, signing, { requestId: request.id }),
  )
  if (answer.status === streamJournal.status) return answer.body
  const refusal: unknown = await text(answer.body)
    .then(JSON.parse)
    .catch(() => undefined)
  throw problemFrom(refusal, answer.headers['retry-after'])
}

const SEQUENCE = /^[0-9]{1,15}$/

function afterOf(headers: IncomingHttpHeaders): { after?: number } {
  const id = headers['last-event-id']
  if (id === undefined || id === '') return {}
  if (typeof id === 'string' && SEQUENCE.test(id)) return { after: Number(id) }
  throw new Problem('invalid-input', {
    errors: [{ field: 'Last-Event-ID', message: 'Use the id of the last event you have.' }],
  })
}

/** Counts who listens; throws `too-many-at-once`. */
function streamSeats(perPartyMax: number): (party: string) => () => void {
  const seats = createSeats(perPartyMax)
  return (party) => {
    const leave = seats.take(party)
    if (leave !== undefined) return leave
    throw new Problem('too-many-at-once', {
      detail: `At most ${perPartyMax} streams at once.`,
      retryAfterSeconds: 5,
    })
  }
}
