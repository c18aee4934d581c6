/**
 * Server-sent events. A client that does not read is dropped, alone; heartbeats tell the living
 * from the gone.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'

export type EventStream = {
  /** Writes a prepared frame that must arrive, or drops a client that has left too much unread. */
  send(frame: string | Buffer): void
  /** Writes a prepared frame of which only the newest matters: a later one replaces it unread. */
  offer(frame: string | Buffer): void
  /**
   * Resolves in a later turn, once the client has room for more or has gone: for the one who has more
   * to send than a client may leave unread.
   */
  drained(): Promise<void>
  readonly closed: boolean
  /** Called once, whoever ends the stream. */
  onClose(ended: () => void): void
  close(): void
}

/** What a client may leave unread before it is dropped. */
const UNREAD_BYTES_MAX = 1024 * 1024
export const HEARTBEAT_MS = 15_000
const RETRY_MS = 2_000
/** How long a closed stream waits for its client to read the rest. */
const CLOSE_GRACE_MS = 1_000

/** One event as text: `id` is what the client resumes behind. */
export function eventFrame(event: { event: string; data: string; id?: string }): string {
  return `${event.id === undefined ? '' : `id: ${event.id}\n`}event: ${event.event}\ndata: ${event.data}\n\n`
}

/** Two heartbeats on, a client that has read nothing since the first is dropped. */
export function openEventStream(
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  options: { heartbeatMs?: number } = {},
): EventStream {
  const endings: (() => void)[] = []
  let resume = (): void => {}
  let closed = false
  let newest: string | Buffer | undefined
  let stalled = false

  const end = (): void => {
    if (closed) return
    closed = true
    clearInterval(heartbeat)
    for (const ended of endings) ended()
    resume()
  }
  const drop = (): void => {
    response.destroy()
    end()
  }
  const send = (frame: string | Buffer): void => {
    if (closed) return
    if (response.writableLength > UNREAD_BYTES_MAX) drop()
    else response.write(frame)
  }
  const beat = (): void => {
    if (stalled) drop()
    stalled = response.writableNeedDrain
    send(': alive\n\n')
  }
  const heartbeat = setInterval(beat, options.heartbeatMs ?? HEARTBEAT_MS)
  heartbeat.unref()

  response.on('close', end)
  response.on('drain', () => {
    stalled = false
    resume()
    if (newest === undefined) return
    const frame = newest
    newest = undefined
    send(frame)
  })
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  send(`retry: ${RETRY_MS}\n\n`)
  if (response.destroyed) end()

  return {
    send,
    offer(frame) {
      if (response.writableNeedDrain) newest = frame
      else send(frame)
    },
    async drained() {
      await nextTurn()
      if (closed || !response.writableNeedDrain) return
      await new Promise<void>((resolve) => {
        resume = resolve
      })
    },
    get closed() {
      return closed
    },
    onClose(ended) {
      if (closed) ended()
      else endings.push(ended)
    },
    close() {
      if (closed) return
      response.end()
      const late = setTimeout(() => response.destroy(), CLOSE_GRACE_MS)
      response.once('close', () => clearTimeout(late))
      end()
    },
  }
}

const FRAME_END = '\n\n'
const FRAME_BYTES_MAX = UNREAD_BYTES_MAX

/** Comments, and hints that are between the two ends of one connection. */
const isEvent = (frame: Buffer): boolean => {
  const start = frame.toString('latin1', 0, 6)
  return !start.startsWith(':') && start !== 'retry:'
}

/**
 * Hands over every whole event of a body, whatever pieces it arrives in. Ends when the body ends;
 * throws when it breaks off.
 */
export async function readEvents(body: Readable, hear: (frame: Buffer) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of body as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    let start = 0
    for (let end = rest.indexOf(FRAME_END); end >= 0; end = rest.indexOf(FRAME_END, start)) {
      const frame = rest.subarray(start, end + FRAME_END.length)
      start = end + FRAME_END.length
      if (isEvent(frame)) hear(frame)
    }
    rest = rest.subarray(start)
    if (rest.length > FRAME_BYTES_MAX) throw new RangeError('An event without end.')
  }
}
