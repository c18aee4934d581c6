import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import type { WireRequest } from '@cnop/contract/call.ts'
import type { Problem } from '@cnop/contract/problem.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TIMEOUT_HEADER } from './deadline.ts'
import { httpTransport } from './http-transport.ts'
import { ConnectionLost, type Transport } from './transport.ts'

let server: Server
let transport: Transport
let sockets: Set<Socket>
/** What is done to whoever connects and has said something. */
let say: (socket: Socket) => void

beforeEach(async () => {
  sockets = new Set()
  server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('data', () => say(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  transport = httpTransport(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterEach(async () => {
  await transport.close()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

const wire = (timeoutMs = 5_000): WireRequest => ({
  service: 'order',
  method: 'GET',
  path: '/x',
  headers: { [TIMEOUT_HEADER]: String(timeoutMs) },
})

const answerOf = (status: string, type: string | undefined, body: string): string =>
  `HTTP/1.1 ${status}\r\n${type === undefined ? '' : `content-type: ${type}\r\n`}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

const refused = (): Promise<Problem> =>
  transport.send(wire()).then(
    ({ body }) => {
      throw new Error(`It was believed: ${body}`)
    },
    (error: Problem) => error,
  )

const down = { code: 'dependency-down', detail: 'The order service does not answer.' }
const json = 'application/json; charset=utf-8'

describe('a service that lies', () => {
  test.each([
    ['a page', answerOf('200 OK', 'text/html', '<h1>secret</h1>')],
    ['no type', answerOf('200 OK', undefined, '{}')],
    ['a type like JSON', answerOf('200 OK', 'application/jsonp', '{}')],
    ['an image', answerOf('200 OK', 'image/svg+xml', '<svg/>')],
    ['JSON that is none', answerOf('200 OK', json, '{"secret":')],
    ['nothing as JSON', answerOf('200 OK', json, '')],
    ['a refusal that is no JSON', answerOf('404 No', 'application/problem+json', 'secret')],
    ['a status that is none', answerOf('999 What', json, '{}')],
    ['a status below all', answerOf('000 What', json, '{}')],
    ['no HTTP', 'secret\r\n\r\n'],
    ['a header without end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}`],
    ['headers without end', `HTTP/1.1 200 OK\r\n${'x: a\r\n'.repeat(20_000)}`],
    ['less than it says', `${answerOf('200 OK', json, '{}').replace('length: 2', 'length: 9')}`],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}',
    ],
    ['more than anyone answers', answerOf('200 OK', json, `"${'a'.repeat(5 * 1024 * 1024)}"`)],
  ])('with %s is one that does not answer', async (_, bytes) => {
    say = (socket) => socket.end(bytes)
    const problem = await refused()
    expect(problem).toMatchObject(down)
    expect(problem.cause).not.toBeInstanceOf(ConnectionLost)
  })

  test('with more than anyone answers, and never an end, is not read to its end', async () => {
    let sent = 0
    say = (socket) => {
      const piece = 'a'.repeat(64 * 1024)
      const go = (): void => {
        while (!socket.destroyed && socket.write(piece)) sent += piece.length
        sent += piece.length
      }
      socket.on('drain', go)
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${json}\r\n\r\n"`)
      go()
    }
    expect(await refused()).toMatchObject(down)
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  test.each([
    ['its headers', `HTTP/1.1 200 OK\r\nx: `],
    ['its body', `HTTP/1.1 200 OK\r\ncontent-type: ${json}\r\n\r\n"`],
  ])('that trickles %s is given up at the deadline', async (_, start) => {
    say = (socket) => {
      socket.write(start)
      const drops = setInterval(() => socket.write('a'), 20)
      socket.once('close', () => clearInterval(drops))
    }
    const startedAt = performance.now()
    await expect(transport.send(wire(200))).rejects.toMatchObject(down)
    const tookMs = performance.now() - startedAt
    expect(tookMs).toBeGreaterThan(1_100)
    expect(tookMs).toBeLessThan(3_000)
  })

  test.each([
    ['that hangs up', (socket: Socket) => socket.destroy()],
    ['that resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('%s before it says anything has lost the connection', async (_, how) => {
    say = how
    expect((await refused()).cause).toBeInstanceOf(ConnectionLost)
  })

  test('that is not there has lost the connection', async () => {
    await new Promise((resolve) => server.close(resolve))
    expect((await refused()).cause).toBeInstanceOf(ConnectionLost)
    server.listen(0, '127.0.0.1')
  })

  test('with a stream of another kind has no stream', async () => {
    say = (socket) => socket.end(answerOf('200 OK', json, '{}'))
    await expect(transport.open(wire())).rejects.toMatchObject(down)
  })
})

test('a media type that was asked for is an answer', async () => {
  say = (socket) => socket.end(answerOf('200 OK', 'image/svg+xml', '<svg/>'))
  const answer = await transport.send({ ...wire(), media: 'image/svg+xml' })
  expect(answer).toMatchObject({ status: 200, body: '<svg/>' })
})
