/** A connection on which tests write what no client library would, and read whole answers. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export type HttpAnswer = {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type RawConnection = {
  readonly socket: Socket
  /** Resolves when it has ended, however it did. */
  readonly ended: Promise<void>
  write(text: string): void
  /** The next answer that is not read yet; throws when the connection ends before it is whole. */
  answer(): Promise<HttpAnswer>
}

export async function connectRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let unread = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    unread += text
  })
  await once(socket, 'connect')
  // What was read before a reset still counts.
  socket.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })
  return {
    socket,
    ended,
    write: (text) => void socket.write(text),
    async answer() {
      for (;;) {
        const found = firstAnswer(unread)
        if (found !== undefined) {
          unread = unread.slice(found.length)
          return found.answer
        }
        if (socket.closed) throw new Error(`The connection ended after ${JSON.stringify(unread)}`)
        await Promise.race([new Promise((resolve) => socket.once('data', resolve)), ended])
      }
    },
  }
}

/** The first answer to these bytes, on a connection of their own. */
export async function askRaw(url: string, text: string): Promise<HttpAnswer> {
  const connection = await connectRaw(url)
  try {
    connection.write(text)
    return await connection.answer()
  } finally {
    connection.socket.destroy()
  }
}

/** With a length only: what has none is none of the platform's problem answers. */
function firstAnswer(text: string): { answer: HttpAnswer; length: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [statusLine = '', ...lines] = text.slice(0, headEnd).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const bodyStart = headEnd + 4
  const length = bodyStart + Number(headers['content-length'] ?? 0)
  if (text.length < length) return undefined
  const status = Number(statusLine.split(' ')[1])
  const body = Buffer.from(text.slice(bodyStart, length), 'latin1').toString('utf8')
  return { answer: { status, headers, body }, length }
}

export function requestText(
  method: string,
  path: string,
  init: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): string {
  const { headers = {}, body } = init
  const all = {
    host: 'localhost',
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}
