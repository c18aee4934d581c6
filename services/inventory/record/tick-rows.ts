/**
 * One row for each tick, with the last known price of every asset: whoever has one row has the
 * whole market of that second. A price is two packed numbers: how many trailing zeros it has, and
 * its digits without them; no digits are no price. The order is the roster's. Where prices are
 * older than the tick, their ages in seconds stand beside them in the same order.
 *
 * The partitions are hours, so keys rise and old ticks go from one end.
 */
import type { Key, Row } from '@cnop/kit/store/store.ts'
import type { PriceFeedKind } from '../price-feed.ts'
import type { KnownPrice } from './decide-tick.ts'
import { createPacker, createUnpacker, withoutZeros } from './packed-integers.ts'

export const TICKS_KEPT_SECONDS = 24 * 3600

/** Asset ids by their position in a row. It only ever grows at its end. */
export type Roster = readonly string[]

export type Tick = {
  /** Epoch second. */
  readonly second: number
  readonly prices: ReadonlyMap<string, KnownPrice>
}

const ZEROS_MAX = 18

export const tickPartition = (feed: PriceFeedKind, second: number): string =>
  `K#${feed}#${isoOf(second).slice(0, 'YYYY-MM-DDTHH'.length)}`

export const tickSortKey = (second: number): string =>
  isoOf(second).slice(0, 'YYYY-MM-DDTHH:mm:ss'.length)

export const tickKey = (feed: PriceFeedKind, second: number): Key => ({
  pk: tickPartition(feed, second),
  sk: tickSortKey(second),
})

export const secondOfTickKey = (sortKey: string): number => Date.parse(`${sortKey}Z`) / 1000

/** How a quote names the tick it comes from: feed and second. */
export const tickName = (feed: PriceFeedKind, second: number): string =>
  `${feed}@${tickSortKey(second)}Z`

export function packTick(roster: Roster, { second, prices }: Tick): Row {
  const packed = createPacker()
  const ages = createPacker()
  let aged = false
  for (const assetId of roster) {
    const { price = 0n, asOf = second } = prices.get(assetId) ?? {}
    const { digits, zeros } = withoutZeros(price, ZEROS_MAX)
    packed.unsigned(zeros)
    packed.unsigned(digits)
    ages.unsigned(second - asOf)
    aged ||= asOf < second
  }
  const row = { prices: packed.bytes() }
  return aged ? { ...row, ages: ages.bytes() } : row
}

export function unpackTick(roster: Roster, second: number, row: Row): Tick {
  const packed = createUnpacker(row['prices'] as Uint8Array)
  const ages = row['ages'] instanceof Uint8Array ? createUnpacker(row['ages']) : undefined
  const prices = new Map<string, KnownPrice>()
  for (const assetId of roster) {
    if (packed.ended) break
    const zeros = packed.small()
    const price = packed.unsigned() * (POWERS_OF_TEN[zeros] as bigint)
    const age = ages?.small() ?? 0
    if (price > 0n) prices.set(assetId, { price, asOf: second - age })
  }
  return { second, prices }
}

const POWERS_OF_TEN = Array.from({ length: ZEROS_MAX + 1 }, (_, zeros) => 10n ** BigInt(zeros))

const isoOf = (second: number): string => new Date(second * 1000).toISOString()
