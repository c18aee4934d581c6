/** A portfolio cut into few enough pieces to be drawn. */
import {
  formatDecimal,
  formatUsd,
  PERCENT_SCALE,
  parseDecimal,
  parseUsd,
} from '@cnop/contract/money.ts'
import type { Portfolio } from '@cnop/contract/portfolio.ts'

const SLICES_MAX = 6
const WHOLE = 10_000n

type Size = {
  /** Dollars. */
  readonly value: string
  /** Of everything; together they are 100.00. */
  readonly percent: string
}

/** The key of an asset is its id. */
export type Slice = Size &
  (
    | { readonly kind: 'asset'; readonly key: string; readonly name: string }
    | { readonly kind: 'cash'; readonly key: 'cash' }
    | { readonly kind: 'others'; readonly key: 'others'; readonly count: number }
  )

type Piece = {
  readonly assetId: string | undefined
  readonly name: string
  /** Cents, and hundredths of a percent as the platform rounded them. */
  readonly value: bigint
  readonly share: bigint
}

/** The greatest first; what is worth nothing is no piece. */
export function slicesOf({
  cash_balance,
  assets,
}: Pick<Portfolio, 'cash_balance' | 'assets'>): readonly Slice[] {
  const held = assets.map(
    ({ asset_id, asset_name, market_value, percentage }): Piece => ({
      assetId: asset_id,
      name: asset_name,
      value: parseUsd(market_value) ?? 0n,
      share: parseDecimal(percentage, PERCENT_SCALE) ?? 0n,
    }),
  )
  const cash: Piece = {
    assetId: undefined,
    name: '',
    value: parseUsd(cash_balance) ?? 0n,
    share: WHOLE - sumOf(held, 'share'),
  }
  const greatest = [cash, ...held]
    .filter(({ value }) => value > 0n)
    .toSorted((left, right) => Number(right.value > left.value) - Number(right.value < left.value))
  if (greatest.length <= SLICES_MAX) return greatest.map(sliceOf)
  const rest = greatest.slice(SLICES_MAX - 1)
  const others = sizeOf({ value: sumOf(rest, 'value'), share: sumOf(rest, 'share') })
  return [
    ...greatest.slice(0, SLICES_MAX - 1).map(sliceOf),
    { kind: 'others', key: 'others', count: rest.length, ...others },
  ]
}

const sliceOf = ({ assetId, name, ...size }: Piece): Slice =>
  assetId === undefined
    ? { kind: 'cash', key: 'cash', ...sizeOf(size) }
    : { kind: 'asset', key: assetId, name, ...sizeOf(size) }

const sizeOf = ({ value, share }: Pick<Piece, 'value' | 'share'>): Size => ({
  value: formatUsd(value),
  percent: formatDecimal(share, PERCENT_SCALE, PERCENT_SCALE),
})

const sumOf = (pieces: readonly Piece[], field: 'value' | 'share'): bigint =>
  pieces.reduce((sum, piece) => sum + piece[field], 0n)
