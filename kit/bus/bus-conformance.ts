/** What every bus promises, between one that publishes and one that listens: in one process the same. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bus } from './bus.ts'

export type BusPair = {
  readonly speaker: Bus
  readonly listener: Bus
  /** What listeners threw. */
  readonly failures: readonly unknown[]
}

const until = async (fact: () => boolean): Promise<void> => {
  while (!fact()) await pause(2)
}

export function describeBus(name: string, open: () => Promise<BusPair>): void {
  describe(`the ${name} bus`, () => {
    let pair: BusPair
    let speaker: Bus
    let listener: Bus

    beforeEach(async () => {
      pair = await open()
      speaker = pair.speaker
      listener = pair.listener
    })
    afterEach(() => Promise.all([speaker.close(), listener.close()]))

    /** Subscribes, and waits until messages arrive: one that is too early may be lost. */
    async function heardOn(channel: string, hear?: (message: string) => void) {
      const heard: string[] = []
      const end = listener.subscribe(channel, (message) => {
        if (message === 'hello') return void heard.push(message)
        heard.push(message)
        hear?.(message)
      })
      while (heard.length === 0) {
        speaker.publish(channel, 'hello')
        await pause(5)
      }
      await pause(20)
      heard.length = 0
      return { heard, end }
    }

    test('carries messages in the order of publishing, whole, to all who listen', async () => {
      const first = await heardOn('a')
      const second = await heardOn('a')
      const said = Array.from({ length: 200 }, (_, i) => `${i} ünïcode "quoted" ${'x'.repeat(i)}`)
      first.heard.length = 0
      for (const message of ['', ...said]) speaker.publish('a', message)
      await until(() => second.heard.length > 200)
      expect(first.heard).toEqual(['', ...said])
      expect(second.heard).toEqual(['', ...said])
    })

    test('is heard by its own process, too', async () => {
      const heard: string[] = []
      speaker.subscribe('own', (message) => heard.push(message))
      speaker.publish('own', 'one')
      await until(() => heard.length > 0)
      await pause(20)
      expect(heard).toEqual(['one'])
    })

    test('tells nobody of another channel, however alike its name', async () => {
      const { heard } = await heardOn('journal:1')
      const other = await heardOn('journal:12')
      for (const channel of ['journal:', 'journal:2', 'journal:11', 'journal:*', 'journal:?'])
        speaker.publish(channel, 'strange')
      speaker.publish('journal:12', 'mine')
      await until(() => other.heard.length > 0)
      expect([heard, other.heard]).toEqual([[], ['mine']])
    })

    test('tells nothing after the end of a subscription, which ends no other', async () => {
      const ending = await heardOn('a')
      const staying = await heardOn('a')
      ending.heard.length = 0
      ending.end()
      ending.end()
      speaker.publish('a', 'late')
      await until(() => staying.heard.length > 0)
      expect(ending.heard).toEqual([])
    })

    test('can be listened to again after the last one has left', async () => {
      const { end } = await heardOn('a')
      end()
      const { heard } = await heardOn('a')
      speaker.publish('a', 'again')
      await until(() => heard.length > 0)
      expect(heard).toEqual(['again'])
    })

    test('goes on when a listener throws, and says so', async () => {
      await heardOn('a', () => {
        throw new Error('cannot hear')
      })
      const { heard } = await heardOn('a')
      speaker.publish('a', 'one')
      speaker.publish('a', 'two')
      await until(() => heard.length === 2)
      expect(pair.failures).toHaveLength(2)
    })
  })
}
