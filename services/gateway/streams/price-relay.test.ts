import { PassThrough } from 'node:stream'
import { type EventStream, eventFrame } from '@cnop/kit/event-stream.ts'
import { createLog } from '@cnop/kit/log.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createPriceRelay, type PriceRelay } from './price-relay.ts'

class Listener implements EventStream {
  readonly heard: string[] = []
  readonly #endings: (() => void)[] = []
  closed = false

  send(frame: string | Buffer): void {
    this.heard.push(frame.toString())
  }
  offer(frame: string | Buffer): void {
    this.send(frame)
  }
  async drained(): Promise<void> {}
  onClose(ended: () => void): void {
    this.#endings.push(ended)
  }
  close(): void {
    this.closed = true
    for (const ended of this.#endings) ended()
  }
}

const ticked = (n: number): string => eventFrame({ event: 'prices', data: `{"n":${n}}`, id: '5' })
const plain = (n: number): string => `event: prices\ndata: {"n":${n}}\n\n`

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const until = async (fact: () => boolean): Promise<void> => {
  while (!fact()) await pause(1)
}

describe('the prices of one door', () => {
  let relay: PriceRelay
  let feeds: PassThrough[]
  let failures: number

  beforeEach(() => {
    feeds = []
    failures = 0
    relay = createPriceRelay({
      open: async (signal) => {
        if (failures > 0) {
          failures -= 1
          throw new Error('not now')
        }
        const feed = new PassThrough()
        signal.addEventListener('abort', () => feed.destroy(new Error('aborted')))
        feeds.push(feed)
        return feed
      },
      log: createLog({ level: 'silent', service: 'gateway' }),
      chance: () => 1,
      lingerMs: 40,
      pauseMs: { first: 2, max: 8 },
    })
  })
  afterEach(() => relay.close())

  const listen = (): Listener => {
    const listener = new Listener()
    relay.subscribe(listener)
    return listener
  }

  test('are not followed while nobody listens', async () => {
    await pause(5)
    expect(feeds).toEqual([])
  })

  test('are followed a while longer, for who comes back soon', async () => {
    const first = listen()
    await until(() => feeds.length === 1)
    feeds[0]?.write(ticked(1))
    await until(() => first.heard.length === 1)
    first.close()
    await pause(10)
    const second = listen()
    expect(second.heard).toEqual([plain(1)])
    await pause(60)
    expect([feeds.length, feeds[0]?.destroyed]).toEqual([1, false])
    feeds[0]?.write(ticked(2))
    await until(() => second.heard.length === 2)
    expect(first.heard).toHaveLength(1)
  })

  test('are left after the last listener, and old ones are never told', async () => {
    const first = listen()
    await until(() => feeds.length === 1)
    feeds[0]?.write(ticked(1))
    await until(() => first.heard.length === 1)
    first.close()
    await until(() => feeds[0]?.destroyed === true)
    const second = listen()
    await until(() => feeds.length === 2)
    expect(second.heard).toEqual([])
    feeds[1]?.write(ticked(2))
    await until(() => second.heard.length === 1)
    expect(second.heard).toEqual([plain(2)])
  })

  test('are looked for again, however often the feed fails or ends', async () => {
    failures = 5
    const listener = listen()
    await until(() => feeds.length === 1)
    for (let n = 1; n <= 5; n += 1) {
      feeds[n - 1]?.write(ticked(n))
      await until(() => listener.heard.length === n)
      if (n % 2 === 0) feeds[n - 1]?.end()
      else feeds[n - 1]?.destroy(new Error('cut'))
      await until(() => feeds.length === n + 1)
    }
    expect(listener.heard).toEqual([1, 2, 3, 4, 5].map(plain))
    expect(feeds.slice(0, 5).every((feed) => feed.destroyed)).toBe(true)
  })

  test('end with the door', async () => {
    listen()
    await until(() => feeds.length === 1)
    relay.close()
    await until(() => feeds[0]?.destroyed === true)
    await pause(20)
    expect(feeds).toHaveLength(1)
  })
})
