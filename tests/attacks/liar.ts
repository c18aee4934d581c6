/** A server in the place of a service, which answers everything as no service of this platform would. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

export type Lie =
  | 'a page'
  | 'broken JSON'
  | 'an empty answer'
  | 'no HTTP'
  | 'a cut body'
  | 'the shape of another'
  | 'a refusal that is none'
  | 'a body without end'
  | 'a trickle'

/** Those that are over at once, or would be over if they were believed. */
export const QUICK_LIES: readonly Lie[] = [
  'a page',
  'broken JSON',
  'an empty answer',
  'no HTTP',
  'a cut body',
  'the shape of another',
  'a refusal that is none',
  'a body without end',
]

export type Liar = {
  /** What it tells from now on. */
  tell(lie: Lie): void
  /** How many it has told. */
  readonly told: () => number
  close(): Promise<void>
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }

const ANSWERS: Readonly<Record<Lie, (response: ServerResponse) => void>> = {
  'a page': (response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>It works!</h1>')
  },
  'broken JSON': (response) => {
    response.writeHead(200, JSON_TYPE).end('{"data":{"user_id":"x",')
  },
  'an empty answer': (response) => {
    response.writeHead(200, JSON_TYPE).end()
  },
  'no HTTP': (response) => {
    response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n')
  },
  'a cut body': (response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' }).write('{"data":')
    setTimeout(() => response.destroy(), 20)
  },
  'the shape of another': (response) => {
    response.writeHead(200, JSON_TYPE).end('{"planet":"Mars","moons":["Phobos","Deimos"]}')
  },
  'a refusal that is none': (response) => {
    response
      .writeHead(418, { 'content-type': 'application/problem+json', 'retry-after': 'soon' })
      .end('{"code":"i-am-a-teapot","stack":"at secret.ts:1","detail":"SELECT * FROM users"}')
  },
  'a body without end': (response) => {
    response.writeHead(200, JSON_TYPE)
    const page = Buffer.alloc(256 * 1024, ' ')
    const more = (): void => {
      if (!response.destroyed && response.write(page)) setImmediate(more)
    }
    response.on('drain', more)
    more()
  },
  'a trickle': (response) => {
    response.writeHead(200, JSON_TYPE)
    const drip = setInterval(() => response.write(' '), 500)
    response.once('close', () => clearInterval(drip))
  },
}

export async function startLiar(url: string): Promise<Liar> {
  let lie: Lie = 'a page'
  let told = 0
  const server = createServer((request, response) => {
    told += 1
    request.resume()
    ANSWERS[lie](response)
  })
  server.listen(Number(new URL(url).port), '127.0.0.1')
  await once(server, 'listening')
  return {
    tell(next) {
      lie = next
    },
    told: () => told,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
