import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '@cnop/contract/inventory.ts'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { candlesQuery } from '../client/queries.ts'
import { Refusal } from '../client/refusal.tsx'
import { showCompactUsd, showPrice } from '../format/money.ts'
import { showMoment } from '../format/time.ts'
import { t } from '../messages.ts'
import { Choice } from '../ui/choice.tsx'
import { classes } from '../ui/class-names.ts'
import { Panel } from '../ui/panel.tsx'
import { curveThrough } from '../ui/sparkline.tsx'
import { Empty } from '../ui/states.tsx'
import { useIdle } from '../ui/use-idle.ts'

const CandleCanvas = lazy(async () => ({
  default: (await import('./candle-canvas.tsx')).CandleCanvas,
}))

const CLOSES_DRAWN = 90

/** The course of the price: a plain curve at once, candles that can be moved a moment later. */
export function PriceChart({
  assetId,
  name,
  interval,
  onInterval,
  averageCost,
  tall = false,
}: {
  readonly assetId: string
  readonly name: string
  readonly interval: CandleInterval
  readonly onInterval: (interval: CandleInterval) => void
  /** Drawn as a line where it is known. */
  readonly averageCost?: string | undefined
  /** As high as the ticket beside it. */
  readonly tall?: boolean
}) {
  const candles = useQuery({
    ...candlesQuery(assetId, interval),
    placeholderData: (before) => before,
  })
  const [pointed, setPointed] = useState<Candle>()
  const known = candles.data
  const idle = useIdle()
  return (
    <Panel
      flush
      title={t('Price')}
      aside={
        <Choice
          label={t('Interval')}
          value={interval}
          onPick={onInterval}
          options={CANDLE_INTERVALS.map((value) => ({ value, label: value }))}
        />
      }
    >
      <div className="px-4 pt-2">
        <Readout candle={pointed ?? known?.at(-1)} />
      </div>
      <figure
        className={classes('h-[320px] px-1 sm:h-[420px]', tall && 'lg:h-[475px]')}
        aria-label={summary(name, known)}
      >
        {known === undefined && candles.error !== null ? (
          <Refusal
            title={t('The chart cannot be shown')}
            error={candles.error}
            onRetry={() => void candles.refetch()}
          />
        ) : known?.length === 0 ? (
          <Empty title={t('No prices yet')}>{t('Candles appear with the first prices.')}</Empty>
        ) : (
          <Suspense fallback={<Outline candles={known} />}>
            {known === undefined || !idle ? (
              <Outline candles={known} />
            ) : (
              <CandleCanvas
                assetId={assetId}
                candles={known}
                intraday={interval !== '1d'}
                averageCost={averageCost}
                onPoint={setPointed}
              />
            )}
          </Suspense>
        )}
      </figure>
      <p className="px-4 pb-3 text-xs text-ink-3">
        {t('Charts by')}{' '}
        <a
          href="https://www.tradingview.com/"
          rel="noreferrer"
          className="underline hover:text-ink"
        >
          TradingView Lightweight Charts™
        </a>
      </p>
    </Panel>
  )
}

/** What the drawing shows, for those who cannot see it. */
function summary(name: string, candles: readonly Candle[] | undefined): string {
  const first = candles?.[0]
  const last = candles?.at(-1)
  if (first === undefined || last === undefined) return t('Chart of {name}', { name })
  return t('Chart of {name}: from {open} on {from} to {close} on {to}', {
    name,
    open: showPrice(first.open).shown,
    from: showMoment(first.time),
    close: showPrice(last.close).shown,
    to: showMoment(last.time),
  })
}

function Readout({ candle }: { readonly candle: Candle | undefined }) {
  if (candle === undefined) return <p className="h-5" />
  const figures = [
    [t('Open'), showPrice(candle.open).shown],
    [t('High'), showPrice(candle.high).shown],
    [t('Low'), showPrice(candle.low).shown],
    [t('Close'), showPrice(candle.close).shown],
    ...(candle.volume === null ? [] : [[t('Volume'), showCompactUsd(candle.volume)]]),
  ]
  return (
    <dl className="flex h-5 gap-x-4 overflow-hidden text-xs whitespace-nowrap text-ink-3">
      {figures.map(([term, figure]) => (
        <div key={term} className="flex gap-1.5">
          <dt>{term}</dt>
          <dd className="font-medium text-ink-2">{figure}</dd>
        </div>
      ))}
    </dl>
  )
}

/** The closes as one line, where the candles will be. */
function Outline({ candles }: { readonly candles: readonly Candle[] | undefined }) {
  const closes = candles?.slice(-CLOSES_DRAWN).map(({ close }) => Number(close)) ?? []
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 1000 400"
      preserveAspectRatio="none"
      className="size-full py-8 text-ink-3"
    >
      {closes.length === 0 ? null : (
        <path
          d={curveThrough(closes, 1000, 400)}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          vectorEffect="non-scaling-stroke"
        />
      )}
    </svg>
  )
}
