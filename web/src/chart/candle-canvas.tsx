/** The canvas of the chart. Positions in a drawing are numbers; every figure beside it is text. */
import type { Candle } from '@cnop/contract/inventory.ts'
import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineStyle,
  type SeriesMarker,
  type Time,
} from 'lightweight-charts'
import { useEffect, useRef } from 'react'
import { showPrice } from '../format/money.ts'
import { showDate, showMoment, showTime } from '../format/time.ts'
import { paced } from '../ui/paced.ts'
import { PAUSE_MS } from '../ui/ticking-text.tsx'
import { ChartCursor, type Drawn, secondOf } from './chart-cursor.tsx'
import { type ChartInk, chartInk } from './chart-theme.ts'
import { chartWords } from './chart-words.ts'
import type { LiveCandle } from './live-candle.ts'
import type { Fill } from './own-marks.ts'
import { useOwnMarks } from './use-own-marks.ts'

const VOLUME_SHARE = 0.22

type Drawing = Drawn & {
  readonly volumes: ISeriesApi<'Histogram'>
  readonly marks: ISeriesMarkersPluginApi<Time>
}

export function CandleCanvas({
  assetId,
  candles,
  live,
  intraday,
  name,
  onPoint,
}: {
  readonly assetId: string
  readonly candles: readonly Candle[]
  /** The last of them, as it moves. */
  readonly live: LiveCandle | undefined
  /** Candles of less than a day say the hour. */
  readonly intraday: boolean
  readonly name: string
  /** The candle under the cursor; `undefined` when there is none. */
  readonly onPoint: (candle: Candle | undefined) => void
}) {
  const marks = useOwnMarks(assetId)
  const place = useRef<HTMLDivElement>(null)
  const drawing = useRef<Drawing>(undefined)
  const fitted = useRef<string>(undefined)
  const newest = useRef({ candles, onPoint })
  newest.current = { candles, onPoint }

  useEffect(() => {
    if (place.current === null) return
    const made = draw(place.current, intraday)
    drawing.current = made
    made.chart.subscribeCrosshairMove(({ time }) => {
      const { candles: known, onPoint: tell } = newest.current
      tell(time === undefined ? undefined : known.find((one) => secondOf(one) === time))
    })
    const themes = new MutationObserver(() => dress(made, chartInk()))
    themes.observe(document.documentElement, {
      attributeFilter: ['data-theme', 'data-palette', 'data-up'],
    })
    return () => {
      themes.disconnect()
      made.chart.remove()
      drawing.current = undefined
      fitted.current = undefined
    }
  }, [intraday])

  // The chart of another kind of interval is another one, and empty.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const { current } = drawing
    if (current === undefined) return
    fill(current, candles, chartInk())
    // What was moved or enlarged stays so while the same candles grow.
    const shown = `${assetId} ${spacingOf(candles)}`
    if (fitted.current !== shown) current.chart.timeScale().fitContent()
    fitted.current = shown
    return live && followPrice(live, current)
  }, [assetId, candles, live, intraday])

  // It has no lines and no marks either.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const { current } = drawing
    if (current === undefined) return
    const ink = chartInk()
    const lines = marks.lines.map(({ price, title, kind }) =>
      current.candles.createPriceLine({
        price: Number(price),
        color: { cost: ink.faint, buy: ink.up, sell: ink.down }[kind],
        lineWidth: 1,
        lineStyle: kind === 'cost' ? LineStyle.LargeDashed : LineStyle.Dotted,
        axisLabelVisible: true,
        title,
      }),
    )
    current.marks.setMarkers(marks.fills.flatMap((one) => markerOf(one, candles, ink)))
    return () => {
      if (drawing.current !== current) return
      for (const line of lines) current.candles.removePriceLine(line)
    }
  }, [marks, candles, intraday])

  return (
    <>
      <figcaption className="sr-only">{chartWords(name, candles, marks)}</figcaption>
      <div ref={place} className="size-full" />
      <ChartCursor candles={candles} drawing={drawing} onPoint={onPoint} />
    </>
  )
}

/** Below the candle of a purchase, above that of a sale; older fills than the candles have no place. */
function markerOf(
  { time, side }: Fill,
  candles: readonly Candle[],
  ink: ChartInk,
): readonly SeriesMarker<Time>[] {
  const atMs = Date.parse(time)
  const candle = candles.findLast((one) => Date.parse(one.time) <= atMs)
  if (candle === undefined) return []
  const buys = side === 'buy'
  return [
    {
      time: secondOf(candle),
      position: buys ? 'belowBar' : 'aboveBar',
      shape: buys ? 'arrowUp' : 'arrowDown',
      color: ink.ink,
      size: 0.8,
    },
  ]
}

/** How far candles are apart tells one interval from another; seconds. */
const spacingOf = ([first, second]: readonly Candle[]): number =>
  first === undefined || second === undefined ? 0 : secondOf(second) - secondOf(first)

function draw(place: HTMLElement, intraday: boolean): Drawing {
  const ink = chartInk()
  const chart = createChart(place, {
    autoSize: true,
    layout: { attributionLogo: false, fontFamily: ink.font, fontSize: 12 },
    crosshair: { mode: CrosshairMode.Magnet },
    rightPriceScale: {
      borderVisible: false,
      entireTextOnly: true,
      scaleMargins: { top: 0.08, bottom: VOLUME_SHARE + 0.06 },
    },
    timeScale: {
      borderVisible: false,
      timeVisible: intraday,
      secondsVisible: false,
      // At either end there is room for a whole date.
      fixLeftEdge: true,
      rightOffsetPixels: 24,
      tickMarkFormatter: (time: number, kind: number) =>
        tickMark(new Date(time * 1000).toISOString(), kind, intraday),
    },
    handleScale: { axisPressedMouseMove: true },
    handleScroll: { vertTouchDrag: false },
    localization: {
      priceFormatter: (price: number) => showPrice(price.toFixed(12)).shown,
      timeFormatter: (time: number) => {
        const instant = new Date(time * 1000).toISOString()
        return intraday ? showMoment(instant) : showDate(instant)
      },
    },
  })
  const candles = chart.addSeries(CandlestickSeries, { priceLineWidth: 1, lastValueVisible: true })
  const volumes = chart.addSeries(HistogramSeries, {
    priceScaleId: 'volume',
    priceFormat: { type: 'volume' },
    lastValueVisible: false,
    priceLineVisible: false,
  })
  chart.priceScale('volume').applyOptions({ scaleMargins: { top: 1 - VOLUME_SHARE, bottom: 0 } })
  const made = { chart, candles, volumes, marks: createSeriesMarkers<Time>(candles, []) }
  dress(made, ink)
  return made
}

const DAY_MARK = 2

/** Hours within a day, and the date where one begins. */
function tickMark(instant: string, kind: number, intraday: boolean): string {
  return kind <= DAY_MARK || !intraday
    ? showDate(instant).replace(/,? \d{4}$/, '')
    : showTime(instant).slice(0, 5)
}

/** Rising candles are hollow and falling ones filled, so that colour says nothing alone. */
function dress({ chart, candles, volumes }: Drawing, ink: ChartInk): void {
  chart.applyOptions({
    layout: {
      background: { type: ColorType.Solid, color: ink.surface },
      textColor: ink.text,
      panes: { separatorColor: ink.line },
    },
    grid: { vertLines: { visible: false }, horzLines: { color: ink.line } },
    crosshair: {
      vertLine: { color: ink.faint, labelBackgroundColor: ink.faint },
      horzLine: { color: ink.faint, labelBackgroundColor: ink.faint },
    },
  })
  candles.applyOptions({
    upColor: ink.surface,
    downColor: ink.down,
    borderUpColor: ink.up,
    borderDownColor: ink.down,
    wickUpColor: ink.up,
    wickDownColor: ink.down,
    priceLineColor: ink.ink,
  })
  volumes.applyOptions({ color: ink.line })
}

function fill({ candles, volumes }: Drawing, known: readonly Candle[], ink: ChartInk): void {
  candles.setData(
    known.map((candle) => ({
      time: secondOf(candle),
      open: Number(candle.open),
      high: Number(candle.high),
      low: Number(candle.low),
      close: Number(candle.close),
    })),
  )
  volumes.setData(
    known.map((candle) => ({
      time: secondOf(candle),
      value: Number(candle.volume ?? 0),
      color: ink.line,
    })),
  )
  const least = known.reduce(
    (low, { low: one }) => Math.min(low, Number(one)),
    Number.POSITIVE_INFINITY,
  )
  candles.applyOptions({ priceFormat: { type: 'price', precision: 12, minMove: stepOf(least) } })
}

/** The least step that a scale of such prices needs. */
const stepOf = (price: number): number =>
  Math.max(1e-12, Math.min(0.01, 10 ** (Math.floor(Math.log10(Math.max(price, 1e-12))) - 3)))

/** At the pace of the figures on the page, so that the two agree. */
function followPrice(live: LiveCandle, { candles }: Drawing): () => void {
  const update = paced(PAUSE_MS, () => {
    const { open, high, low, close, ...candle } = live.read()
    candles.update({
      time: secondOf(candle),
      open: Number(open),
      high: Number(high),
      low: Number(low),
      close: Number(close),
    })
  })
  update.ask()
  const ignore = live.watch(update.ask)
  return () => {
    update.cancel()
    ignore()
  }
}
