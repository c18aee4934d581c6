import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { Order } from '@cnop/contract/order.ts'
import { BalancesFrame } from '@cnop/contract/stream.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { countingReads } from '../testing/counting-store.ts'
import {
  createHeardStream,
  type HeardStream,
  hear,
  lastEventIdOf,
} from '../testing/heard-stream.ts'
import { createSamplePlatform, type SamplePlatform } from '../testing/sample-account.ts'
import type { JournalChannel } from './journal-frames.ts'
import { tellJournal } from './tell-journal.ts'

const START = '2026-03-01T10:00:00.000Z'
const BOTH: readonly JournalChannel[] = ['orders', 'balances']
const LONG_MS = 60_000

function platformWithMarket(wrapStore?: (store: Store) => Store): SamplePlatform {
  const platform = createSamplePlatform({ at: START, ...(wrapStore ? { wrapStore } : {}) })
  platform.setAsset('BTC', { name: 'Bitcoin', scale: 8, price: '50000.00' })
  return platform
}

type Options = {
  channels?: readonly JournalChannel[]
  after?: bigint
  pollMs?: number
}

function tell(
  { store, bus }: Pick<SamplePlatform, 'store' | 'bus'>,
  { channels = BOTH, after, pollMs = LONG_MS }: Options = {},
): { stream: HeardStream; ended: Promise<void> } {
  const stream = createHeardStream()
  const ended = tellJournal(stream, {
    store,
    bus,
    userId: 'ada',
    channels: new Set(channels),
    after,
    pollMs,
  })
  return { stream, ended }
}

/** The text of all that is behind a sequence now. */
async function textBehind(
  platform: SamplePlatform,
  options: Options & { after: bigint },
): Promise<string> {
  const { stream, ended } = tell(platform, options)
  const last = `id: ${await lastSeq(platform)}\n`
  while (!stream.text().includes(last)) await nextTurn()
  stream.close()
  await ended
  return stream.text()
}

async function lastSeq({ store }: SamplePlatform): Promise<bigint> {
  const [head] = await store.snapshot([{ pk: 'U#ada', sk: '@HEAD' }])
  return BigInt(String(head?.['seq'] ?? 0n))
}

/** 1 deposit, 2 purchase, 3 freeze of nothing but the account: all kinds of concern. */
async function threeEvents(): Promise<SamplePlatform> {
  const platform = platformWithMarket()
  const ada = platform.account('ada')
  await ada.deposit('1000')
  await ada.buy('BTC', '0.01')
  await ada.freeze()
  return platform
}

const DEPOSITED = {
  cash: {
    current_balance: '1000.00',
    available_balance: '1000.00',
    held_balance: '0.00',
    currency: 'USD',
    updated_at: START,
  },
  assets: [],
}
const BOUGHT = {
  cash: { ...DEPOSITED.cash, current_balance: '500.00', available_balance: '500.00' },
  assets: [{ asset_id: 'BTC', quantity: '0.01', available: '0.01', held: '0' }],
}

test('each event is told as the states it left, and the last of its frames carries its sequence', async () => {
  const text = await textBehind(await threeEvents(), { after: 0n })
  const [first, second, third, ...rest] = hear(text)
  expect(first).toEqual({ event: 'balances', data: DEPOSITED, lastEventId: '1' })
  expect(second).toEqual({ event: 'balances', data: BOUGHT, lastEventId: '1' })
  expect(third).toMatchObject({ event: 'orders', lastEventId: '2' })
  expect(third?.data).toMatchObject({ asset_id: 'BTC', status: 'completed', quantity: '0.01' })
  expect(rest).toEqual([])
  expect(lastEventIdOf(text)).toBe('3')
})

test('what is told fits the contract', async () => {
  for (const { event, data } of hear(await textBehind(await longStory(), { after: 0n }))) {
    expect(Value.Check(event === 'orders' ? Order : BalancesFrame, data)).toBe(true)
  }
})

test.each([
  { channels: ['orders'] as const, told: [['orders', '2']] },
  {
    channels: ['balances'] as const,
    told: [
      ['balances', '1'],
      ['balances', '2'],
    ],
  },
])('of $channels alone, every frame carries its sequence', async ({ channels, told }) => {
  const text = await textBehind(await threeEvents(), { after: 0n, channels })
  expect(hear(text).map(({ event, lastEventId }) => [event, lastEventId])).toEqual(told)
  expect(lastEventIdOf(text)).toBe('3')
})

test('without a sequence nothing of the past is told, and a client cut off at once misses nothing', async () => {
  const platform = await threeEvents()
  const { stream, ended } = tell(platform)
  while (stream.text() === '') await nextTurn()
  expect(stream.text()).toBe('id: 3\n\n')
  stream.close()
  await ended
  await platform.account('ada').adjust('USD', '5')
  const after = BigInt(lastEventIdOf(stream.text()))
  const [missed] = hear(await textBehind(platform, { after }))
  expect(missed).toMatchObject({ event: 'balances', lastEventId: '4' })
})

test('the journal of somebody else is not told', async () => {
  const platform = platformWithMarket()
  const { stream, ended } = tell(platform)
  await platform.account('eve').deposit('7')
  await platform.account('ada').deposit('1')
  const [told] = await stream.heard(1)
  expect(told?.data).toMatchObject({ cash: { current_balance: '1.00' } })
  stream.close()
  await ended
})

test('a client that knows of more than there is hears what comes next', async () => {
  const platform = await threeEvents()
  const { stream, ended } = tell(platform, { after: 99n })
  while (stream.text() === '') await nextTurn()
  await platform.account('ada').adjust('USD', '5')
  const [told] = await stream.heard(1)
  expect(told?.lastEventId).toBe('4')
  stream.close()
  await ended
})

/** Deposits, orders that wait, are filled in parts and cancelled, and events of neither channel. */
async function longStory(): Promise<SamplePlatform> {
  const platform = platformWithMarket()
  const ada = platform.account('ada')
  for (let chapter = 0; chapter < 6; chapter += 1) {
    await ada.deposit('1000')
    const orderId = await ada.hold({
      type: 'limit_buy',
      asset: 'BTC',
      quantity: '0.01',
      price: '40000',
    })
    await ada.fill({ orderId, asset: 'BTC', parts: 2n })
    await ada.buy('BTC', '0.001')
    await ada.cancel(orderId)
    await ada.sell('BTC', '0.002')
    await ada.adjust('BTC', '0.5')
  }
  await ada.freeze()
  return platform
}

test.each([[BOTH], [['orders']], [['balances']]] as const)(
  'resumed behind any sequence, %j are the rest of the same frames',
  async (channels) => {
    const platform = await longStory()
    const whole = await textBehind(platform, { after: 0n, channels })
    const last = await lastSeq(platform)
    expect(last).toBe(43n)
    for (let after = 1n; after <= last; after += 1n) {
      const mark = `id: ${after}\n`
      const behind = whole.indexOf('\n\n', whole.indexOf(mark)) + 2
      const rest = await textBehind(platform, { after, channels })
      expect(rest).toBe(`id: ${after}\n\n${whole.slice(behind)}`)
    }
  },
)

test('cut off anywhere and resumed, no order is lost or doubled, and balances end the same', async () => {
  const platform = await longStory()
  const whole = await textBehind(platform, { after: 0n })
  const restBehind = new Map<string, string>()
  for (let after = 0n; after <= (await lastSeq(platform)); after += 1n) {
    restBehind.set(String(after), await textBehind(platform, { after }))
  }
  const told = (events: ReturnType<typeof hear>, event: string) =>
    events.filter((each) => each.event === event).map(({ data }) => JSON.stringify(data))
  const all = hear(whole)
  const orders = told(all, 'orders')
  const balances = told(all, 'balances')
  // What a client has heard changes with the end of a line only.
  const ends = [...whole.matchAll(/\n/g)].flatMap(({ index }) => [index, index + 1])
  for (const cut of [0, 1, ...ends]) {
    const before = whole.slice(0, cut)
    const lastEventId = lastEventIdOf(before) || '0'
    const events = [...hear(before), ...hear(restBehind.get(lastEventId) ?? '', lastEventId)]
    expect(told(events, 'orders')).toEqual(orders)
    const heard = told(events, 'balances')
    const once = heard.filter((state, index) => state !== heard[index - 1])
    expect(once).toEqual(balances)
  }
})

/** Every event that was told, as its sequence and kind, must be the journal's, each once. */
async function expectWholeStory(platform: SamplePlatform, text: string): Promise<void> {
  expect(text).toBe(await textBehind(platform, { after: 0n }))
}

test('commits while it streams are told once each, in order, whatever takes its time', async () => {
  const chance = createChance(11)
  const platform = platformWithMarket((store) =>
    createDawdlingStore({
      store,
      chance,
      pauseMsMax: 2,
      pause: async (ms) => {
        await (ms < 1 ? nextTurn() : pause(1))
      },
    }),
  )
  const ada = platform.account('ada')
  const { stream, ended } = tell(platform, { after: 0n })
  const worker = async (): Promise<void> => {
    for (let command = 0; command < 12; command += 1) {
      await ada.deposit('100')
      await ada.buy('BTC', '0.0001')
    }
  }
  await Promise.all(Array.from({ length: 5 }, worker))
  await stream.heard(180)
  stream.close()
  await ended
  await expectWholeStory(platform, stream.text())
})

test('reads of one stream never overlap, however many hints come', async () => {
  let reading = 0
  let mostAtOnce = 0
  const platform = platformWithMarket()
  const store: Store = {
    ...platform.store,
    async query(pk, range) {
      reading += 1
      mostAtOnce = Math.max(mostAtOnce, reading)
      await nextTurn()
      const page = await platform.store.query(pk, range)
      await nextTurn()
      reading -= 1
      return page
    },
  }
  const { stream, ended } = tell({ ...platform, store }, { after: 0n })
  const ada = platform.account('ada')
  await Promise.all(Array.from({ length: 30 }, () => ada.deposit('1')))
  await stream.heard(30)
  stream.close()
  await ended
  expect(mostAtOnce).toBe(1)
})

test('a hint that is lost is made up for by the next look', async () => {
  const platform = platformWithMarket()
  const deaf = { subscribe: () => () => {}, publish: () => {}, close: async () => {} }
  const { stream, ended } = tell({ ...platform, bus: deaf }, { pollMs: 5 })
  while (stream.text() === '') await nextTurn()
  await platform.account('ada').deposit('1')
  await stream.heard(1)
  await platform.account('ada').deposit('2')
  await stream.heard(2)
  stream.close()
  await ended
})

test('an event committed between the first look and the first sleep is not waited for', async () => {
  const platform = platformWithMarket()
  const ada = platform.account('ada')
  let looks = 0
  const store: Store = {
    ...platform.store,
    async query(pk, range) {
      const page = await platform.store.query(pk, range)
      looks += 1
      if (looks === 1) await ada.deposit('1')
      return page
    },
  }
  const { stream, ended } = tell({ ...platform, store })
  await stream.heard(1)
  stream.close()
  await ended
})

test('a client far behind is told page by page, and none before it has read the one before', async () => {
  const platform = platformWithMarket()
  for (let event = 0; event < 250; event += 1) await platform.account('ada').deposit('1')
  const { store, reads, rowsRead } = countingReads(platform.store)
  const { stream, ended } = tell({ ...platform, store }, { after: 0n })
  stream.setReading(false)
  await stream.heard(100)
  await pause(20)
  expect(hear(stream.text())).toHaveLength(100)
  expect([reads(), rowsRead()]).toEqual([2, 101])
  stream.setReading(true)
  await stream.heard(250)
  stream.close()
  await ended
  await expectWholeStory(platform, stream.text())
})

test('when the client goes nothing goes on: no read, no subscription', async () => {
  const platform = platformWithMarket()
  let subscriptions = 0
  const bus: SamplePlatform['bus'] = {
    ...platform.bus,
    subscribe(channel, listen) {
      subscriptions += 1
      const end = platform.bus.subscribe(channel, listen)
      return () => {
        subscriptions -= 1
        end()
      }
    },
  }
  const { store, reads } = countingReads(platform.store)
  const { stream, ended } = tell({ store, bus })
  while (reads() < 2) await nextTurn()
  expect(subscriptions).toBe(1)
  stream.close()
  await ended
  expect(subscriptions).toBe(0)
  await platform.account('ada').deposit('1')
  await nextTurn()
  expect(reads()).toBe(2)
})

test('a journal that cannot be read ends the telling with what was wrong', async () => {
  const platform = await threeEvents()
  const store: Store = {
    ...platform.store,
    query: () => Promise.reject(new Error('The disk is gone')),
  }
  const { ended } = tell({ ...platform, store }, { after: 0n })
  await expect(ended).rejects.toThrow('The disk is gone')
})
