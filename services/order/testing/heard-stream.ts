/** The other end of an event stream, as a client hears it: for tests. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventStream } from '@cnop/kit/event-stream.ts'

export type Heard = {
  readonly event: string
  readonly data: unknown
  /** What a client would resume behind after this. */
  readonly lastEventId: string
}

export type HeardStream = EventStream & {
  /** The text so far, byte for byte. */
  readonly text: () => string
  /** Resolves once so many events were heard. */
  heard(count: number): Promise<readonly Heard[]>
  /** While false, `drained` does not resolve: the client does not read. */
  setReading(reading: boolean): void
}

/** What a client makes of a text, however it is cut: what is not whole is not heard. */
export function hear(text: string, lastEventIdBefore = ''): Heard[] {
  const events: Heard[] = []
  let lastEventId = lastEventIdBefore
  for (const block of text.split('\n\n').slice(0, -1)) {
    const fields = new Map(block.split('\n').map((line) => [line.split(': ', 1)[0], line]))
    const field = (name: string): string | undefined => fields.get(name)?.slice(name.length + 2)
    lastEventId = field('id') ?? lastEventId
    const data = field('data')
    if (data === undefined) continue
    events.push({ event: field('event') ?? 'message', data: JSON.parse(data), lastEventId })
  }
  return events
}

/** Where a client that has heard this text resumes. */
export function lastEventIdOf(text: string): string {
  const whole = text.slice(0, text.lastIndexOf('\n\n') + 1)
  return [...whole.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? ''
}

export function createHeardStream(): HeardStream {
  const endings: (() => void)[] = []
  let text = ''
  let closed = false
  let reading = true
  return {
    text: () => text,
    send(frame) {
      if (!closed) text += frame.toString()
    },
    offer(frame) {
      this.send(frame)
    },
    async drained() {
      do await nextTurn()
      while (!reading && !closed)
    },
    setReading(isReading) {
      reading = isReading
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
      closed = true
      for (const ended of endings) ended()
    },
    async heard(count) {
      while (hear(text).length < count) await nextTurn()
      return hear(text)
    },
  }
}
