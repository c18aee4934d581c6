/** Two inventories over one store: one publishes, the other follows, and either may stop at any time. */
import type { Bus } from '@cnop/kit/bus/bus.ts'
import { createMemoryBus } from '@cnop/kit/bus/memory-bus.ts'
import { createLease } from '@cnop/kit/store/lease.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import type { Row, Store } from '@cnop/kit/store/store.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tickPartition } from './record/tick-rows.ts'
import { createScriptedFeed } from './testing/scripted-feed.ts'
import { createTestClock, type TestClock } from './testing/test-clock.ts'
import {
  catalogueOf,
  OPERATOR,
  startInventory,
  type TestInventory,
} from './testing/test-inventory.ts'

const START_MS = Date.parse('2026-03-10T12:00:00Z')
const TERM_MS = 3_000
const catalogue = catalogueOf('BTC', 'ETH')

const silent = (error: unknown): never => {
  throw error
}

/** A price that is the same for whoever asks at the same second. */
function feedOfSeconds() {
  const feed = createScriptedFeed()
  feed.answer(async (nowMs) => {
    const second = Math.floor(nowMs / 1000)
    const quote = (base: bigint) => ({
      price: base + BigInt(second % 977) * 10n ** 9n,
      asOfMs: second * 1000,
      volume24h: BigInt(second),
    })
    return new Map([
      ['BTC', quote(10n ** 15n)],
      ['ETH', quote(10n ** 14n)],
    ])
  })
  return feed
}

type Replica = { readonly inventory: TestInventory; readonly clock: TestClock }

let store: Store
let replicas: Replica[]

beforeEach(() => {
  store = createMemoryStore({ now: () => START_MS })
  replicas = []
})
afterEach(async () => {
  for (const { inventory } of replicas) await inventory.close()
})

async function startReplica(name: string, bus?: Bus, atMs = START_MS): Promise<Replica> {
  const clock = createTestClock(atMs)
  const lease = createLease({
    store,
    name: 'prices',
    owner: name,
    elapsedMs: clock.now,
    termMs: TERM_MS,
  })
  const replica = {
    inventory: await startInventory({
      catalogue,
      feed: feedOfSeconds(),
      store,
      clock,
      lease,
      bus: bus ?? createMemoryBus(silent),
    }),
    clock,
  }
  replicas.push(replica)
  return replica
}

/** Second by second, so that neither clock runs ahead. */
async function pass(seconds: number, ...running: readonly Replica[]): Promise<void> {
  for (let i = 0; i < seconds; i += 1) for (const { clock } of running) await clock.advance(1_000)
}

async function recordedSeconds(): Promise<readonly string[]> {
  const { rows } = await store.query(tickPartition('simulator', START_MS / 1000), { limit: 1_000 })
  return rows.map(({ sk }) => sk.slice('YYYY-MM-DDTHH:'.length))
}

const secondsFrom = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, i) =>
    new Date(START_MS + (from + i) * 1000).toISOString().slice('YYYY-MM-DDTHH:'.length, -5),
  )

const quotes = (replica: Replica) =>
  replica.inventory.get('/internal/quotes?asset_ids=BTC,ETH', { kind: 'system', name: 'order' })

/** The ticks that a stream of this replica has told, by their ids, in order. */
async function listen({ inventory }: Replica) {
  const answer = await inventory.service.app.inject({
    url: '/internal/prices/stream',
    headers: inventory.signed({ kind: 'system', name: 'gateway' }),
    payloadAsStream: true,
  })
  let text = ''
  answer.stream().on('data', (piece: Buffer) => {
    text += piece.toString()
  })
  return {
    seconds: () =>
      [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id) - START_MS / 1000),
    close: () => answer.raw.res.destroy(),
  }
}

describe('two replicas', () => {
  test('record each second once, and both answer with it', async () => {
    const [a, b] = [await startReplica('a'), await startReplica('b')]
    await pass(20, a, b)
    expect(await recordedSeconds()).toEqual(secondsFrom(0, 20))
    await pass(1, b)
    expect((await quotes(b)).data.map(({ tick }: { tick: string }) => tick)).toEqual(
      (await quotes(a)).data.map(({ tick }: { tick: string }) => tick),
    )
  })

  test.each([
    ['over a bus that both hear', true],
    ['without any', false],
  ])('tell the same ticks in the same order, each once, %s', async (_, shared) => {
    const bus = shared ? createMemoryBus(silent) : undefined
    const [a, b] = [await startReplica('a', bus), await startReplica('b', bus)]
    const [one, another] = [await listen(a), await listen(b)]
    await pass(20, a, b)
    await pass(1, b)
    expect(one.seconds()).toEqual(Array.from({ length: 21 }, (__, i) => i))
    expect(another.seconds()).toEqual(one.seconds())
    one.close()
    another.close()
  })

  test('know of a halt at once where they hear each other', async () => {
    const bus = createMemoryBus(silent)
    const [a, b] = [await startReplica('a', bus), await startReplica('b', bus)]
    await pass(2, a, b)
    const request = { caller: OPERATOR, method: 'POST', body: { reason: 'a test' } } as const
    for (const [told, other] of [
      [a, b],
      [b, a],
    ] as const) {
      await told.inventory.ask('/internal/operator/assets/BTC/halt', request)
      await expect.poll(async () => (await quotes(other)).data[0].halted).toBe(true)
      await told.inventory.ask('/internal/operator/assets/BTC/release', request)
      await expect.poll(async () => (await quotes(other)).data[0].halted).toBe(false)
    }
  })

  test('know of a halt within a second, whichever was told', async () => {
    const [a, b] = [await startReplica('a'), await startReplica('b')]
    for (const [told, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const body = { reason: 'a test of halts' }
      const request = { caller: OPERATOR, method: 'POST', body } as const
      await told.inventory.ask('/internal/operator/assets/BTC/halt', request)
      await pass(2, a, b)
      expect((await quotes(other)).data[0].halted).toBe(true)
      await told.inventory.ask('/internal/operator/assets/BTC/release', request)
      await pass(2, a, b)
      expect((await quotes(other)).data[0].halted).toBe(false)
    }
  })
})

describe('a publisher that stops', () => {
  test('is followed by the other within a term and two seconds', async () => {
    const [a, b] = [await startReplica('a'), await startReplica('b')]
    await pass(10, a, b)
    await pass(20, b)
    const recorded = await recordedSeconds()
    const missing = secondsFrom(0, 30).filter((time) => !recorded.includes(time))
    expect(missing.length).toBeLessThanOrEqual(TERM_MS / 1000 + 2)
    expect(recorded.slice(-10)).toEqual(secondsFrom(21, 30))
  })

  test('in order is followed at once', async () => {
    const [a, b] = [await startReplica('a'), await startReplica('b')]
    await pass(10, a, b)
    await a.inventory.close()
    await pass(10, b)
    const recorded = await recordedSeconds()
    expect(
      secondsFrom(0, 20).filter((time) => !recorded.includes(time)).length,
    ).toBeLessThanOrEqual(2)
  })

  test('and wakes later changes nothing, and follows', async () => {
    const [a, b] = [await startReplica('a'), await startReplica('b')]
    await pass(10, a, b)
    await pass(20, b)
    const before = await recordedSeconds()
    const heard = await listen(a)
    for (let i = 0; i < 20; i += 1) {
      await pass(1, b)
      await pass(2, a)
    }
    expect(await recordedSeconds()).toEqual([...before, ...secondsFrom(31, 50)])
    await pass(1, a)
    const told = before.length - 11 + 20
    expect(heard.seconds().slice(-told).at(0)).toBeGreaterThan(10)
    expect(heard.seconds()).toEqual([10, ...heard.seconds().slice(-told)])
    expect(heard.seconds().at(-1)).toBe(50)
    heard.close()
  })

  test.each([1, 2])(
    'at any time leaves the candles as one alone would have, seed %i',
    async (seed) => {
      const chance = createChance(seed)
      const pair = [await startReplica('a'), await startReplica('b')] as const
      let second = 0
      while (second < 1_500) {
        // At first the one that publishes stops just when there is an hour to fold.
        const frozen = second === 0 || chance() < 0.5 ? 0 : 1
        const running = second === 0 ? 1 : 40 + Math.floor(chance() * 200)
        await pass(running, ...pair)
        const alone = 4 + Math.floor(chance() * 20)
        await pass(alone, pair[1 - frozen] as Replica)
        await pass(alone, pair[frozen] as Replica)
        second += running + alone
      }
      const ticks = await storedUnder('K#')
      const candles = await storedUnder('C#')
      expect(candles.length).toBeGreaterThan(0)

      // The same ticks, folded by one that starts from them alone.
      const replayed = createMemoryStore({ now: () => START_MS })
      const key = { pk: 'M#market', sk: 'RECORD' }
      const [record] = await store.snapshot([key])
      const begun = { ...record, unfolded: BigInt(START_MS - 600_000) }
      await replayed.transact([{ kind: 'put', key, row: begun }], { token: 'a-record-to-replay' })
      for (const { pk, sk, row } of ticks)
        await replayed.transact([{ kind: 'put', key: { pk, sk }, row }], { token: `${pk}${sk}` })
      const kept = store
      store = replayed
      const control = await startReplica('control', undefined, START_MS + second * 1000)
      await pass(30, control)
      const expected = await storedUnder('C#')
      store = kept
      expect(candles).toEqual(expected)
    },
  )
})

async function storedUnder(prefix: string) {
  const partitions = (await store.partitions('', 1_000)).filter((pk) => pk.startsWith(prefix))
  const rows: { readonly pk: string; readonly sk: string; readonly row: Row }[] = []
  for (const pk of partitions) {
    for (let more = true; more; ) {
      const last = rows.at(-1)
      const after = last?.pk === pk ? { after: last.sk } : {}
      const page = await store.query(pk, { ...after, limit: 1_000 })
      rows.push(...page.rows.map((keyed) => ({ pk, ...keyed })))
      more = page.more
    }
  }
  return rows
}
