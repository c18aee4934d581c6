import type { Candle } from '@cnop/contract/inventory.ts'
import type { IChartApi, ISeriesApi, UTCTimestamp } from 'lightweight-charts'
import { type RefObject, useState } from 'react'
import { t } from '../messages.ts'
import { candleWords } from './chart-words.ts'

export type Drawn = { readonly chart: IChartApi; readonly candles: ISeriesApi<'Candlestick'> }

export const secondOf = ({ time }: Pick<Candle, 'time'>): UTCTimestamp =>
  (Date.parse(time) / 1000) as UTCTimestamp

/** The arrow keys go from candle to candle, and each is read aloud. The pointer has the canvas. */
export function ChartCursor({
  candles,
  drawing,
  onPoint,
}: {
  readonly candles: readonly Candle[]
  readonly drawing: RefObject<Drawn | undefined>
  readonly onPoint: (candle: Candle | undefined) => void
}) {
  const last = candles.length - 1
  const [at, setAt] = useState<number>()
  const candle = candles[Math.min(at ?? last, last)]
  const point = (index: number): void => {
    const one = candles[index]
    const { current } = drawing
    if (one === undefined || current === undefined) return
    setAt(index)
    bringIntoSight(current.chart, index)
    current.chart.setCrosshairPosition(Number(one.close), secondOf(one), current.candles)
    onPoint(one)
  }
  const leave = (): void => {
    setAt(undefined)
    drawing.current?.chart.clearCrosshairPosition()
    onPoint(undefined)
  }
  if (candle === undefined) return null
  return (
    <>
      <input
        type="range"
        min="0"
        max={last}
        value={Math.min(at ?? last, last)}
        aria-label={t('Candle')}
        aria-valuetext={candleWords(candle)}
        onChange={(event) => point(Number(event.currentTarget.value))}
        onBlur={leave}
        className="peer pointer-events-none absolute inset-0 size-full opacity-0"
      />
      <span className="pointer-events-none absolute inset-0 z-10 rounded-sm outline-accent peer-focus-visible:outline-2" />
    </>
  )
}

function bringIntoSight(chart: IChartApi, index: number): void {
  const scale = chart.timeScale()
  const range = scale.getVisibleLogicalRange()
  if (range === null) return
  const by = index < range.from ? index - range.from : index > range.to ? index - range.to : 0
  if (by !== 0) scale.setVisibleLogicalRange({ from: range.from + by, to: range.to + by })
}
