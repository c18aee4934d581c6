/**
 * What a poll adds to what is known. Time only moves forward: a quote that is not newer than the
 * last one of its asset adds nothing, and neither does a tick in a second that has one.
 */
import { decideJumpHalts, type HaltDecision, type Halts } from '../halts/decide-halts.ts'

/** Units of 10^-12 USD, and the epoch second the source says it was true. */
export type KnownPrice = { readonly price: bigint; readonly asOf: number }

/** A recorded price is eight bytes long. No asset costs 18 million dollars. */
export const RECORDED_PRICE_MAX = 2n ** 64n - 1n

export type Polled = { readonly price: bigint; readonly asOfMs: number }

export type TickDecision = {
  /** The prices that are new; never empty. */
  readonly fresh: ReadonlyMap<string, KnownPrice>
  readonly halting: HaltDecision
}

/** `undefined` when the poll says nothing new. `second` is the epoch second of the poll. */
export function decideTick(poll: {
  readonly second: number
  readonly quotes: ReadonlyMap<string, Polled>
  readonly lastSecond: number | undefined
  readonly known: ReadonlyMap<string, KnownPrice>
  readonly halts: Halts
}): TickDecision | undefined {
  const { second, quotes, lastSecond, known, halts } = poll
  if (lastSecond !== undefined && second <= lastSecond) return undefined
  const fresh = new Map<string, KnownPrice>()
  for (const [assetId, { price, asOfMs }] of quotes) {
    const asOf = secondOf(asOfMs, second)
    const before = known.get(assetId)
    if (price <= 0n || price > RECORDED_PRICE_MAX) continue
    if (before === undefined || asOf > before.asOf) fresh.set(assetId, { price, asOf })
  }
  if (fresh.size === 0) return undefined
  return { fresh, halting: decideJumpHalts(halts, movesOf(fresh, known)) }
}

/** The second a quote belongs to; a source whose clock runs ahead has not seen the future. */
function secondOf(asOfMs: number, latest: number): number {
  const second = (asOfMs - (asOfMs % 1000)) / 1000
  return second > latest ? latest : second
}

function movesOf(
  fresh: ReadonlyMap<string, KnownPrice>,
  known: ReadonlyMap<string, KnownPrice>,
): ReadonlyMap<string, { readonly from: bigint; readonly to: bigint }> {
  const moves = new Map<string, { readonly from: bigint; readonly to: bigint }>()
  for (const [assetId, { price }] of fresh)
    moves.set(assetId, { from: known.get(assetId)?.price ?? price, to: price })
  return moves
}
