/** The candles of a chart: which ones are asked for, and how the wire says them. */
import { CANDLES_MAX, type Candle, type getCandles } from '@cnop/contract/inventory.ts'
import { formatPrice } from '@cnop/contract/money.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { QueryOf } from '@cnop/contract/route.ts'
import type { CandleRequest, MarketCandle, ReadCandles } from '../market/read-candles.ts'
import { CANDLE_INTERVAL_MS, type PriceFeedFault } from '../price-feed.ts'
import { startOf } from '../record/candle-rows.ts'
import { instantText, usdText } from './asset-answers.ts'

export type CandlesQuery = QueryOf<typeof getCandles>

const CANDLES_DEFAULT = 300

/**
 * Throws `invalid-input` for a range that is empty or too long; `too-busy` or `dependency-down`
 * when nothing was recorded and the feed cannot be asked.
 */
export async function listCandles(
  readCandles: ReadCandles,
  asked: { readonly assetId: string; readonly query: CandlesQuery; readonly nowMs: number },
): Promise<Candle[]> {
  const { assetId, query, nowMs } = asked
  const { candles, fault } = await readCandles({ assetId, nowMs, ...rangeOf(query, nowMs) })
  if (fault && candles.length === 0) throw refusalOf(fault)
  return candles.map(candleText)
}

/** The last 300 of the interval up to `to`, which is the present unless told. */
function rangeOf(
  { interval = '1h', from, to }: CandlesQuery,
  nowMs: number,
): Pick<CandleRequest, 'interval' | 'fromMs' | 'toMs'> {
  const stepMs = CANDLE_INTERVAL_MS[interval]
  const toMs = Math.min(instantIn('to', to) ?? Number.POSITIVE_INFINITY, nowMs + 1)
  const fromMs =
    instantIn('from', from) ?? startOf(toMs - 1, stepMs) - (CANDLES_DEFAULT - 1) * stepMs
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to))
    throw invalid('from', 'Give a time before `to`.')
  if (toMs - fromMs > CANDLES_MAX * stepMs)
    throw invalid('from', `Ask for at most ${CANDLES_MAX} candles of an interval at once.`)
  return { interval, fromMs: Math.max(0, fromMs), toMs: Math.max(0, toMs) }
}

function instantIn(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const atMs = Date.parse(text)
  if (Number.isNaN(atMs)) throw invalid(field, 'Give a time such as 2026-01-31T12:00:00Z.')
  return atMs
}

const invalid = (field: string, message: string): Problem =>
  new Problem('invalid-input', { errors: [{ field, message }] })

function refusalOf(fault: PriceFeedFault): Problem {
  const retryAfterSeconds = Math.ceil((fault.retryAfterMs ?? 1000) / 1000)
  const code = fault.reason === 'rate-limited' ? 'too-busy' : 'dependency-down'
  return new Problem(code, {
    detail: 'The history of this asset cannot be had at the moment.',
    retryAfterSeconds,
    cause: fault,
  })
}

const candleText = ({ startMs, open, high, low, close, volume }: MarketCandle): Candle => ({
  time: instantText(startMs),
  open: formatPrice(open),
  high: formatPrice(high),
  low: formatPrice(low),
  close: formatPrice(close),
  volume: volume === undefined ? null : usdText(volume),
})
