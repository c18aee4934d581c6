import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '@cnop/contract/inventory.ts'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { askAgain, candlesQuery } from '../client/queries.ts'
import { Refusal } from '../client/refusal.tsx'
import { prices } from '../client/stream.ts'
import { troubleOf } from '../client/trouble.ts'
import { showCompactUsd, showPrice } from '../format/money.ts'
import { PriceText } from '../live/price-text.tsx'
import { t } from '../messages.ts'
import { Choice } from '../ui/choice.tsx'
import { classes } from '../ui/class-names.ts'
import { onDemand } from '../ui/on-demand.tsx'
import { Panel } from '../ui/panel.tsx'
import { curveThrough } from '../ui/sparkline.tsx'
import { Empty } from '../ui/states.tsx'
import { TickingText } from '../ui/ticking-text.tsx'
import { useIdle } from '../ui/use-idle.ts'
import { type LiveCandle, liveCandle } from './live-candle.ts'

const CandleCanvas = onDemand(
  async () => (await import('./candle-canvas.tsx')).CandleCanvas,
  ({ candles }) => <Outline candles={candles} />,
)

const CLOSES_DRAWN = 90

/** The course of the price: a plain curve at once, candles that can be moved a moment later. */
export function PriceChart({
  assetId,
  name,
  interval,
  onInterval,
  tall = false,
}: {
  readonly assetId: string
  readonly name: string
  readonly interval: CandleInterval
  readonly onInterval: (interval: CandleInterval) => void
  /** As high as the ticket beside it. */
  readonly tall?: boolean
}) {
  const candles = useQuery({
    ...candlesQuery(assetId, interval),
    placeholderData: (before) => before,
  })
  const [pointed, setPointed] = useState<Candle>()
  const known = candles.data
  const last = known?.at(-1)
  const live = useMemo(() => last && liveCandle(assetId, last, prices), [assetId, last])
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
        <Readout
          candle={pointed ?? last}
          live={pointed === undefined || pointed.time === last?.time ? live : undefined}
        />
      </div>
      <figure
        className={classes('relative h-[320px] px-1 sm:h-[420px]', tall && 'lg:h-[475px]')}
        aria-label={t('Chart of {name}', { name })}
      >
        {known === undefined && troubleOf(candles) !== null ? (
          <Refusal
            title={t('The chart cannot be shown')}
            error={troubleOf(candles)}
            onRetry={askAgain}
          />
        ) : known?.length === 0 ? (
          <Empty title={t('No prices yet')}>{t('Candles appear with the first prices.')}</Empty>
        ) : known === undefined || !idle ? (
          <Outline candles={known} />
        ) : (
          <CandleCanvas
            assetId={assetId}
            candles={known}
            live={live}
            intraday={interval !== '1d'}
            name={name}
            onPoint={setPointed}
          />
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

const FIGURES = [
  ['open', () => t('Open')],
  ['high', () => t('High')],
  ['low', () => t('Low')],
  ['close', () => t('Close')],
] as const

/** The figures of one candle; those of the last one move with the market. */
function Readout({
  candle,
  live,
}: {
  readonly candle: Candle | undefined
  readonly live: LiveCandle | undefined
}) {
  if (candle === undefined) return <p className="h-8 md:h-5" />
  return (
    <dl className="flex h-8 flex-wrap content-start gap-x-4 overflow-hidden md:h-5 text-xs whitespace-nowrap text-ink-3">
      {FIGURES.map(([name, term]) => (
        <div key={name} className="flex gap-1.5">
          <dt>{term()}</dt>
          <dd className="font-medium text-ink-2">
            {live === undefined ? (
              <PriceText price={candle[name]} />
            ) : (
              <LiveFigure live={live} name={name} />
            )}
          </dd>
        </div>
      ))}
      {candle.volume === null ? null : (
        <div className="flex gap-1.5">
          <dt>{t('Volume')}</dt>
          <dd className="font-medium text-ink-2">{showCompactUsd(candle.volume)}</dd>
        </div>
      )}
    </dl>
  )
}

function LiveFigure({
  live,
  name,
}: {
  readonly live: LiveCandle
  readonly name: 'open' | 'high' | 'low' | 'close'
}) {
  const read = useCallback(() => showPrice(live.read()[name]), [live, name])
  return <TickingText read={read} watch={live.watch} />
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
