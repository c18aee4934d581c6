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
  const stream = new ResponseStream(response, options.heartbeatMs ?? HEARTBEAT_MS)
  // The body ends with the connection: a frame is written as it is, not as a chunk of three pieces.
  response.removeHeader('transfer-encoding')
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  stream.send(`retry: ${RETRY_MS}\n\n`)
  return stream
}

class ResponseStream implements EventStream {
  readonly #response: ServerResponse
  readonly #heartbeat: NodeJS.Timeout
  readonly #endings: (() => void)[] = []
  #waiting: (() => void)[] = []
  #closed = false
  /** What was written since the client last kept up: 0 while it does. */
  #unreadBytes = 0
  /** It had yet to at the last heartbeat, and has not since. */
  #stalled = false
  #newest: string | Buffer | undefined

  constructor(response: ServerResponse, heartbeatMs: number) {
    this.#response = response
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref()
    response.on('close', () => this.#end())
    response.on('drain', () => this.#catchUp())
    if (response.destroyed) this.#end()
  }

  get closed(): boolean {
    return this.#closed
  }

  send(frame: string | Buffer): void {
    if (this.#closed) return
    if (this.#unreadBytes > UNREAD_BYTES_MAX) this.#drop()
    else if (this.#response.write(frame)) this.#unreadBytes = 0
    else this.#unreadBytes += Buffer.byteLength(frame)
  }

  offer(frame: string | Buffer): void {
    if (this.#unreadBytes > 0) this.#newest = frame
    else this.send(frame)
  }

  async drained(): Promise<void> {
    await nextTurn()
    if (this.#unreadBytes === 0 || this.#closed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    await promise
  }

  onClose(ended: () => void): void {
    if (this.#closed) ended()
    else this.#endings.push(ended)
  }

  close(): void {
    if (this.#closed) return
    this.#response.end()
    const late = setTimeout(() => this.#response.destroy(), CLOSE_GRACE_MS)
    this.#response.once('close', () => clearTimeout(late))
    this.#end()
  }

  #drop(): void {
    this.#response.destroy()
    this.#end()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#heartbeat)
    for (const ended of this.#endings) ended()
    this.#goOn()
  }

  #beat(): void {
    if (this.#stalled) this.#drop()
    this.#stalled = this.#unreadBytes > 0
    this.send(': alive\n\n')
  }

  #catchUp(): void {
    this.#unreadBytes = 0
    this.#stalled = false
    const frame = this.#newest
    this.#newest = undefined
    if (frame !== undefined) this.send(frame)
    this.#goOn()
  }

  #goOn(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const goOn of waiting) goOn()
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
 * Hands over every whole event of a body, whatever pieces it arrives in, and takes the next piece
 * when there is `room` for it. Ends when the body ends; throws when it breaks off.
 */
export async function readEvents(
  body: Readable,
  hear: (frame: Buffer) => void,
  room?: () => Promise<void>,
): Promise<void> {
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
    await room?.()
  }
}
