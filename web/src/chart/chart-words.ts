/** What a chart shows, for those who cannot see it. */
import type { Candle } from '@cnop/contract/inventory.ts'
import { parsePrice } from '@cnop/contract/money.ts'
import { showPrice } from '../format/money.ts'
import { showMoment } from '../format/time.ts'
import { t } from '../messages.ts'
import type { OwnMarks } from './own-marks.ts'

export function chartWords(
  name: string,
  candles: readonly Candle[],
  { lines, fills }: OwnMarks,
): string {
  const first = candles[0]
  const last = candles.at(-1)
  if (first === undefined || last === undefined) return t('Chart of {name}', { name })
  const course = t(
    'Chart of {name}: from {open} on {from} to {close} on {to}, never below {low} or above {high}.',
    {
      name,
      open: spoken(first.open),
      from: showMoment(first.time),
      close: spoken(last.close),
      to: showMoment(last.time),
      low: spoken(
        extreme(
          candles.map(({ low }) => low),
          (one, other) => one < other,
        ),
      ),
      high: spoken(
        extreme(
          candles.map(({ high }) => high),
          (one, other) => one > other,
        ),
      ),
    },
  )
  const drawn = lines.map(({ title, price }) => `${title} ${spoken(price)}.`)
  const traded =
    fills.length === 0
      ? []
      : [t('{count, plural, one {# trade} other {# trades}} of yours.', { count: fills.length })]
  return [course, ...drawn, ...traded].join(' ')
}

export const candleWords = ({ time, open, high, low, close }: Candle): string =>
  t('{moment}: open {open}, high {high}, low {low}, close {close}', {
    moment: showMoment(time),
    open: spoken(open),
    high: spoken(high),
    low: spoken(low),
    close: spoken(close),
  })

/** Prices far below a cent are drawn in a way that cannot be read aloud. */
function spoken(price: string): string {
  const text = showPrice(price)
  return text.spoken ?? text.shown
}

function extreme(texts: readonly string[], wins: (one: bigint, other: bigint) => boolean): string {
  return texts.reduce((best, text) => (wins(bigintOf(text), bigintOf(best)) ? text : best))
}

const bigintOf = (text: string): bigint => parsePrice(text) ?? 0n
