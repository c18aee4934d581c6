import { itemBytes } from '@cnop/kit/store/row-rules.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../catalogue.ts'
import { createSimulatedFeed } from '../simulated-feed.ts'
import type { RecordedCandle } from './candle.ts'
import {
  blockKey,
  blockStart,
  type CandleBlock,
  type CandleLevel,
  DAYS,
  emptyBlock,
  HOURS,
  MINUTES,
  putBlock,
  readBlock,
  readCandle,
  withCandle,
} from './candle-rows.ts'
import { RECORDED_PRICE_MAX } from './decide-tick.ts'

const AT_MS = Date.parse('2026-03-10T12:34:56Z')

function stored(block: CandleBlock): CandleBlock {
  const op = putBlock('BTC', block)
  if (op.kind !== 'put') throw new Error('A block is put as a whole')
  expect(op.key).toEqual(blockKey('BTC', block.level, block.startMs))
  return readBlock(block.level, { sk: op.key.sk, row: op.row })
}

const candle: fc.Arbitrary<RecordedCandle> = fc
  .tuple(
    fc.array(fc.bigInt(1n, RECORDED_PRICE_MAX / 10n ** 6n), { minLength: 4, maxLength: 4 }),
    fc.constantFrom(1n, 100n, 10n ** 6n),
    fc.boolean(),
  )
  .map(([prices, unit, whole]) => {
    const [a, b, c, d] = prices.toSorted((left, right) => (left < right ? -1 : 1)) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ]
    return { low: a * unit, open: b * unit, close: c * unit, high: d * unit, whole }
  })

describe('a block of candles', () => {
  it.each([MINUTES, HOURS, DAYS])('gives back every candle in its slot: %o', (level) => {
    const slots = fc.uniqueArray(fc.tuple(fc.nat(level.slots - 1), candle), {
      selector: ([slot]) => slot,
    })
    fc.assert(
      fc.property(slots, (entries) => {
        let block = emptyBlock(level, AT_MS)
        for (const [slot, content] of entries)
          block = withCandle(block, block.startMs + slot * level.candleMs, content)
        const back = stored(block)
        expect(back.startMs).toBe(block.startMs)
        for (let slot = 0; slot < level.slots; slot += 1) {
          const found = readCandle(back, block.startMs + slot * level.candleMs)
          expect(found).toEqual(entries.find(([other]) => other === slot)?.[1])
        }
      }),
    )
  })

  it('holds a moment of its own span and no other', () => {
    for (const level of [MINUTES, HOURS, DAYS]) {
      const startMs = blockStart(level, AT_MS)
      expect(startMs).toBeLessThanOrEqual(AT_MS)
      expect(AT_MS - startMs).toBeLessThan(level.candleMs * level.slots)
      const block = withCandle(emptyBlock(level, AT_MS), startMs, flat(5n))
      expect(readCandle(block, startMs)).toEqual(flat(5n))
      expect(readCandle(block, startMs - level.candleMs)).toBeUndefined()
      expect(readCandle(block, startMs + level.candleMs * level.slots)).toBeUndefined()
    }
  })

  it('ends where the next one begins', () => {
    const block = withCandle(emptyBlock(HOURS, AT_MS), blockStart(HOURS, AT_MS), flat(5n))
    const nextMs = block.startMs + HOURS.candleMs * HOURS.slots
    const next = withCandle(block, nextMs, flat(6n))
    expect(next.startMs).toBe(nextMs)
    expect(next.candles).toEqual([flat(6n)])
    expect(block.candles).toEqual([flat(5n)])
  })

  it.each([MINUTES, HOURS])('of a simulated asset is below one kilobyte: %o', async (level) => {
    const { assets } = loadCatalogue()
    const feed = createSimulatedFeed({ seed: 'size', assets })
    for (const { assetId } of assets.filter((_, index) => index % 12 === 0)) {
      const block = await simulatedBlock(feed, assetId, level)
      expect(block.candles).toHaveLength(level.slots)
      const op = putBlock(assetId, block)
      expect(itemBytes(op.key, op.kind === 'put' ? op.row : {})).toBeLessThan(1000)
    }
  })
})

const flat = (price: bigint): RecordedCandle => ({
  open: price,
  high: price,
  low: price,
  close: price,
  whole: true,
})

async function simulatedBlock(
  feed: ReturnType<typeof createSimulatedFeed>,
  assetId: string,
  level: CandleLevel,
): Promise<CandleBlock> {
  const fromMs = blockStart(level, AT_MS) - level.candleMs * level.slots
  const toMs = fromMs + level.candleMs * level.slots
  const request = { assetId, interval: level.interval, fromMs, toMs, nowMs: AT_MS }
  let block = emptyBlock(level, fromMs)
  for (const { startMs, ...told } of await feed.history(request, new AbortController().signal))
    block = withCandle(block, startMs, { ...told, whole: true })
  return block
}
