/** Server-sent events as a browser hears them (WHATWG HTML, 9.2), with a line that can be cut. */
import { setTimeout as pause } from 'node:timers/promises'
import { API_BASE } from '@cnop/contract/route.ts'
import { openStream } from '@cnop/contract/stream.ts'

export type Heard = {
  readonly event: string
  readonly data: unknown
  /** Its own id; absent for an event that has none. */
  readonly id: number | undefined
}

export type Listening = {
  readonly channels?: string
  readonly token?: string
  /** What was heard last; absent: from now on. */
  readonly after?: number | undefined
  /** The line is cut behind so many bytes: whatever was not whole by then is not heard. */
  readonly bytesMax?: number
}

export type EventClient = {
  readonly status: number
  readonly headers: Headers
  /** Grows. */
  readonly heard: readonly Heard[]
  /** What to resume behind. */
  readonly position: () => number | undefined
  /** Resolves once the stream is over, whoever ended it. */
  readonly ended: Promise<void>
  /** Waits for what has been heard to be enough; throws when it is not in time. */
  until(enough: (heard: readonly Heard[]) => boolean): Promise<readonly Heard[]>
  close(): Promise<void>
}

const HEAR_MS_MAX = 15_000

export async function listen(url: string, listening: Listening = {}): Promise<EventClient> {
  const { channels, token, after, bytesMax = Number.POSITIVE_INFINITY } = listening
  const leaving = new AbortController()
  const query = channels === undefined ? '' : `?channels=${channels}`
  const answer = await fetch(`${url}${API_BASE}${openStream.path}${query}`, {
    signal: leaving.signal,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(after === undefined ? {} : { 'last-event-id': String(after) }),
    },
  })
  const heard: Heard[] = []
  let position = after
  const hear = ({ id, event, data }: Block): void => {
    position = id ?? position
    if (data !== undefined) heard.push({ event, data: JSON.parse(data), id })
  }
  const ended = read(answer, bytesMax, hear).finally(() => leaving.abort())
  return {
    status: answer.status,
    headers: answer.headers,
    heard,
    position: () => position,
    ended,
    async until(enough) {
      const deadline = performance.now() + HEAR_MS_MAX
      while (!enough(heard)) {
        if (performance.now() > deadline)
          throw new Error(`Not heard in time; last is ${JSON.stringify(heard.at(-1))}`)
        await pause(10)
      }
      return heard
    },
    async close() {
      leaving.abort()
      await ended
    },
  }
}

type Block = {
  readonly id: number | undefined
  readonly event: string
  readonly data: string | undefined
}

/** A line that breaks has ended, too. */
async function read(
  answer: Response,
  bytesMax: number,
  hear: (block: Block) => void,
): Promise<void> {
  let bytes = Buffer.alloc(0)
  try {
    let left = bytesMax
    for await (const piece of answer.body ?? []) {
      bytes = Buffer.concat([bytes, piece.subarray(0, left)])
      left -= piece.length
      for (let end = bytes.indexOf('\n\n'); end >= 0; end = bytes.indexOf('\n\n')) {
        hear(blockOf(bytes.toString('utf8', 0, end)))
        bytes = bytes.subarray(end + 2)
      }
      if (left <= 0) return
    }
  } catch {
    return
  }
}

/** Comments and the hint to retry are no fields of an event. */
function blockOf(text: string): Block {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [name = '', value = ''] = line.split(/: ?(.*)/s)
    fields.set(name, fields.has(name) ? `${fields.get(name)}\n${value}` : value)
  }
  const id = fields.get('id')
  return {
    id: id === undefined ? undefined : Number(id),
    event: fields.get('event') ?? 'message',
    data: fields.get('data'),
  }
}

export type Follower = {
  /** Everything, over all connections. */
  readonly heard: readonly Heard[]
  readonly connections: () => number
  /** Resolves once an event with this id was heard, and everything before it. */
  reach(id: number): Promise<void>
  stop(): Promise<void>
}

/** Listens from the first event on, and connects again behind the last one whenever the line ends. */
export function follow(url: string, token: string, cut: () => number): Follower {
  const heard: Heard[] = []
  let position = 0
  let connections = 0
  let stopped = false
  let current: EventClient | undefined

  async function connectOnce(): Promise<void> {
    const listening = { channels: 'orders,balances', token, after: position, bytesMax: cut() }
    current = await listen(url, listening)
    if (current.status !== 200) {
      await current.close()
      await pause(50)
      return
    }
    connections += 1
    await current.ended
    heard.push(...current.heard)
    position = current.position() ?? position
  }

  const running = (async () => {
    while (!stopped) await connectOnce().catch(() => pause(50))
  })()

  return {
    heard,
    connections: () => connections,
    async reach(id) {
      const deadline = performance.now() + HEAR_MS_MAX
      while (position < id && (current?.position() ?? 0) < id) {
        if (performance.now() > deadline) throw new Error(`Heard ${position} of ${id} in time`)
        await pause(20)
      }
    },
    async stop() {
      stopped = true
      await current?.close()
      await running
    },
  }
}
