/**
 * Server-sent events. A client that does not read is dropped, alone; heartbeats tell the living
 * from the gone.
 */
import type { ServerResponse } from 'node:http'

export type EventStream = {
  /** Writes one prepared frame. Does nothing once closed. */
  send(frame: string | Buffer): void
  readonly closed: boolean
  /** Called once, whoever ends the stream. */
  onClose(ended: () => void): void
  close(): void
}

/** What a client may leave unread before it is dropped. */
const UNREAD_BYTES_MAX = 1024 * 1024
const HEARTBEAT_MS = 15_000
const RETRY_MS = 2_000

/** One event as text: `id` is what the client resumes behind. */
export function eventFrame(event: { event: string; data: string; id?: string }): string {
  return `${event.id === undefined ? '' : `id: ${event.id}\n`}event: ${event.event}\ndata: ${event.data}\n\n`
}

export function openEventStream(
  response: ServerResponse,
  headers: Record<string, string>,
): EventStream {
  const endings: (() => void)[] = []
  let closed = false

  const end = (): void => {
    if (closed) return
    closed = true
    clearInterval(heartbeat)
    for (const ended of endings) ended()
  }
  const send = (frame: string | Buffer): void => {
    if (closed) return
    if (response.writableLength > UNREAD_BYTES_MAX) {
      response.destroy()
      end()
      return
    }
    response.write(frame)
  }
  const heartbeat = setInterval(() => send(': alive\n\n'), HEARTBEAT_MS)
  heartbeat.unref()

  response.on('close', end)
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  send(`retry: ${RETRY_MS}\n\n`)

  return {
    send,
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
      end()
    },
  }
}
