import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EventStream, eventFrame, openEventStream, readEvents } from './event-stream.ts'

describe('a stream of events', () => {
  let server: Server
  let clients: Socket[]

  beforeEach(async () => {
    clients = []
    server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(async () => {
    for (const client of clients) client.destroy()
    server.close()
    await once(server, 'close')
  })

  async function request(): Promise<{ client: Socket; response: ServerResponse }> {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    clients.push(client)
    client.on('error', () => undefined)
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
    return { client, response }
  }

  async function open(options: { heartbeatMs?: number } = {}) {
    const { client, response } = await request()
    let received = ''
    client.on('data', (piece) => {
      received += piece.toString()
    })
    const stream = openEventStream(response, { 'x-request-id': 'r1' }, options)
    return { client, response, stream, received: () => received }
  }

  const until = async (fact: () => boolean): Promise<void> => {
    while (!fact()) await new Promise((resolve) => setTimeout(resolve, 2))
  }

  test('says what it is, and brings every frame in order', async () => {
    const { stream, received } = await open()
    for (const id of ['1', '2', '3'])
      stream.send(eventFrame({ event: 'orders', data: `{"n":${id}}`, id }))
    stream.offer(eventFrame({ event: 'prices', data: '{}' }))
    await until(() => received().includes('event: prices'))
    expect(received()).toMatch(/^HTTP\/1.1 200 OK\r\nx-request-id: r1\r\n/)
    expect(received()).toContain('content-type: text/event-stream; charset=utf-8\r\n')
    expect(received()).toContain('cache-control: no-store\r\n')
    const events = received().match(/^(id|event|data): .*$/gm)
    expect(events?.slice(0, 4)).toEqual(['id: 1', 'event: orders', 'data: {"n":1}', 'id: 2'])
    expect(events?.slice(-2)).toEqual(['event: prices', 'data: {}'])
  })

  test('has a heartbeat', async () => {
    const { received } = await open({ heartbeatMs: 10 })
    await until(() => received().split(': alive\n\n').length > 3)
  })

  test('tells once when it ends, whoever ends it', async () => {
    const byServer = await open()
    const byClient = await open()
    const ended: string[] = []
    byServer.stream.onClose(() => ended.push('server'))
    byClient.stream.onClose(() => ended.push('client'))
    byServer.stream.close()
    byServer.stream.close()
    byClient.client.destroy()
    await until(() => ended.length > 1)
    expect(ended).toEqual(['server', 'client'])
    byServer.stream.onClose(() => ended.push('late'))
    expect(ended.at(-1)).toBe('late')
    byClient.stream.send('nobody hears this\n\n')
    expect(byClient.stream.closed).toBe(true)
  })

  test('ends at once when its client has left before it began', async () => {
    const { client, response } = await request()
    client.destroy()
    await once(response, 'close')
    expect(openEventStream(response, {}).closed).toBe(true)
  })

  /** Writes until the client's and the system's buffers are full. */
  async function fill(stream: EventStream, response: ServerResponse): Promise<void> {
    const frame = `data: ${'x'.repeat(200_000)}\n\n`
    for (let quiet = 0; quiet < 3 && !stream.closed; ) {
      if (response.writableNeedDrain) quiet += 1
      else stream.offer(frame)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  test('brings a slow client the newest of what was offered, never a backlog', async () => {
    const { client, response, stream, received } = await open()
    client.pause()
    await fill(stream, response)
    for (let tick = 1; tick <= 1_000; tick += 1)
      stream.offer(eventFrame({ event: 'prices', data: `tick ${tick}` }))
    expect(response.writableLength).toBeLessThan(1024 * 1024)
    client.resume()
    await until(() => received().includes('tick 1000\n'))
    expect(received().match(/tick \d+/g)).toEqual(['tick 1000'])
    expect(stream.closed).toBe(false)
  })

  test('drops a client that leaves too much unread', async () => {
    const { client, response, stream } = await open()
    client.pause()
    await fill(stream, response)
    for (let i = 0; i < 12 && !stream.closed; i += 1)
      stream.send(`data: ${'y'.repeat(200_000)}\n\n`)
    expect(stream.closed).toBe(true)
  })

  test('drops a client that reads nothing for two heartbeats', async () => {
    const still = await open({ heartbeatMs: 40 })
    const reading = await open({ heartbeatMs: 40 })
    still.client.pause()
    await fill(still.stream, still.response)
    await until(() => still.stream.closed)
    expect(reading.stream.closed).toBe(false)
  })

  test('lets its writer wait until there is room, or nobody', async () => {
    const { client, response, stream, received } = await open()
    await stream.drained()
    client.pause()
    await fill(stream, response)
    let ready = false
    const waiting = stream.drained().then(() => {
      ready = true
    })
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(ready).toBe(false)
    client.resume()
    await waiting
    expect(received().length).toBeGreaterThan(0)

    client.pause()
    await fill(stream, response)
    const left = stream.drained()
    client.destroy()
    await left
    expect(stream.closed).toBe(true)
  })

  test('that is closed does not wait long for a client that does not read', async () => {
    const { client, response, stream } = await open()
    client.pause()
    await fill(stream, response)
    stream.close()
    await once(response, 'close')
  })
})

describe('reading events', () => {
  const text = `retry: 2000\n\n: alive\n\n${eventFrame({ event: 'a', data: '1 €', id: '7' })}: alive\n\n${eventFrame({ event: 'b', data: '2' })}`

  const read = async (pieces: readonly Buffer[]): Promise<string[]> => {
    const frames: string[] = []
    await readEvents(Readable.from(pieces), (frame) => void frames.push(frame.toString()))
    return frames
  }

  test.each([1, 2, 3, 5, 64, 10_000])(
    'finds each whole event in pieces of %i bytes',
    async (size) => {
      const bytes = Buffer.from(text)
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      )
      expect(await read(pieces)).toEqual([
        'id: 7\nevent: a\ndata: 1 €\n\n',
        'event: b\ndata: 2\n\n',
      ])
    },
  )

  test('leaves out an event that was cut off', async () => {
    expect(await read([Buffer.from('event: a\ndata: 1\n\nevent: b\nda')])).toHaveLength(1)
  })

  test('gives up on an event without end', async () => {
    const endless = Array.from({ length: 20 }, () => Buffer.alloc(100_000, 'x'))
    await expect(read(endless)).rejects.toThrow('An event without end.')
  })

  test('fails when the body breaks off', async () => {
    const body = new Readable({ read: () => undefined })
    const reading = readEvents(body, () => undefined)
    body.destroy(new Error('gone'))
    await expect(reading).rejects.toThrow('gone')
  })
})
