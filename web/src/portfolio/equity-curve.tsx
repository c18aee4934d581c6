import { type EquityPoint, HISTORY_PERIODS, type HistoryPeriod } from '@cnop/contract/portfolio.ts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { historyQuery } from '../client/own-queries.ts'
import { askAgain } from '../client/queries.ts'
import { Refusal } from '../client/refusal.tsx'
import { troubleOf } from '../client/trouble.ts'
import { directionOf, showSignedUsd, showUsd } from '../format/money.ts'
import { showDate, showMoment, showTime } from '../format/time.ts'
import { useAppearance } from '../frame/appearance.ts'
import { PrivateFigure } from '../frame/private-figure.tsx'
import { SignedSum } from '../live/change.tsx'
import { t } from '../messages.ts'
import { Choice } from '../ui/choice.tsx'
import { classes } from '../ui/class-names.ts'
import { curveThrough } from '../ui/sparkline.tsx'
import { Skeleton, Waiting } from '../ui/states.tsx'
import { equitySummary } from './equity-summary.ts'

const BOX = { width: 1000, height: 200 }

const periodName = (period: HistoryPeriod): string =>
  ({ '1d': t('1D'), '1w': t('1W'), '1m': t('1M'), '3m': t('3M'), '1y': t('1Y') })[period]

/** What everything was worth over time. A finger or the arrow keys read single points. */
export function EquityCurve({
  period,
  onPick,
  inWords = false,
}: {
  readonly period: HistoryPeriod
  readonly onPick: (period: HistoryPeriod) => void
  /** What the curve tells stands below it too; those who listen are told in any case. */
  readonly inWords?: boolean
}) {
  const history = useQuery({ ...historyQuery(period), placeholderData: (before) => before })
  const points = history.data
  return (
    <div>
      <div className="flex justify-end">
        <Choice
          label={t('Period')}
          value={period}
          onPick={onPick}
          options={HISTORY_PERIODS.map((value) => ({ value, label: periodName(value) }))}
        />
      </div>
      <div
        className={classes(
          'mt-3 transition-opacity',
          inWords ? 'min-h-[316px] sm:min-h-[284px]' : 'min-h-[240px]',
          history.isPlaceholderData && 'opacity-60',
        )}
      >
        {points === undefined ? (
          troubleOf(history) === null ? (
            <Waiting what={t('The curve is on its way')}>
              <Skeleton className="h-[200px] w-full" />
            </Waiting>
          ) : (
            <Refusal
              title={t('The curve cannot be shown')}
              error={troubleOf(history)}
              onRetry={askAgain}
            />
          )
        ) : points.length < 2 ? (
          <p className="grid h-[200px] place-items-center text-sm text-ink-3">
            {t('The curve begins with the first deposit.')}
          </p>
        ) : (
          <>
            <Curve points={points} />
            <InWords points={points} shown={inWords} />
          </>
        )}
      </div>
    </div>
  )
}

function Curve({ points }: { readonly points: readonly EquityPoint[] }) {
  const [read, setRead] = useState<number>()
  const hidden = useAppearance(({ hideBalances }) => hideBalances)
  const last = points.length - 1
  const at = Math.min(read ?? last, last)
  const point = points[at]
  const line = curveThrough(
    points.map(({ equity }) => Number(equity)),
    BOX.width,
    BOX.height,
  )
  if (point === undefined) return null
  return (
    <figure>
      <div className="relative h-[200px]">
        <svg
          viewBox={`0 0 ${BOX.width} ${BOX.height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          className="size-full"
        >
          <path d={`${line}L998 200L2 200Z`} fill="var(--raised)" opacity="0.7" />
          <path
            d={line}
            fill="none"
            stroke="var(--ink-1)"
            strokeWidth="1.5"
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
          />
          {read === undefined ? null : (
            <line
              x1={(at / last) * BOX.width}
              x2={(at / last) * BOX.width}
              y1="0"
              y2={BOX.height}
              stroke="var(--field)"
              strokeDasharray="2 3"
              vectorEffect="non-scaling-stroke"
            />
          )}
        </svg>
        <input
          type="range"
          min="0"
          max={last}
          value={at}
          aria-label={t('Point of the curve')}
          aria-valuetext={`${hidden ? t('hidden') : showUsd(point.equity)}, ${showMoment(point.time)}`}
          onChange={(event) => setRead(Number(event.currentTarget.value))}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            const share = (event.clientX - box.left) / box.width
            setRead(Math.round(Math.min(1, Math.max(0, share)) * last))
          }}
          onPointerLeave={() => setRead(undefined)}
          onBlur={() => setRead(undefined)}
          className="peer absolute inset-0 size-full cursor-crosshair opacity-0"
        />
        <span className="pointer-events-none absolute inset-0 rounded-sm outline-accent peer-focus-visible:outline-2" />
      </div>
      <Flows points={points} />
      <figcaption className="mt-1 flex h-4 justify-between gap-4 text-xs text-ink-3">
        {read === undefined ? (
          <>
            <span>{showDate(points[0]?.time ?? point.time)}</span>
            <span>{showDate(point.time)}</span>
          </>
        ) : (
          <PointRead point={point} />
        )}
      </figcaption>
    </figure>
  )
}

function PointRead({ point }: { readonly point: EquityPoint }) {
  return (
    <>
      <span>{showMoment(point.time)}</span>
      <span>
        {directionOf(point.net_flow) === 'flat' ? null : (
          <span className="mr-4">
            {directionOf(point.net_flow) === 'up' ? t('came in') : t('went out')}{' '}
            <PrivateFigure>{showSignedUsd(point.net_flow)}</PrivateFigure>
          </span>
        )}
        <span className="font-medium text-ink">
          <PrivateFigure>{showUsd(point.equity)}</PrivateFigure>
        </span>
      </span>
    </>
  )
}

/** Where cash came in or went out: a step of the curve there is no profit. */
function Flows({ points }: { readonly points: readonly EquityPoint[] }) {
  const last = points.length - 1
  return (
    <div aria-hidden="true" className="relative h-4 border-t border-line">
      {points.map(({ time, net_flow }, index) => {
        const direction = directionOf(net_flow)
        if (direction === 'flat') return null
        return (
          <span
            key={time}
            title={direction === 'up' ? t('Cash came in') : t('Cash went out')}
            style={{ left: `${(index / last) * 100}%` }}
            className="absolute top-0.5 -ml-1 text-[9px] leading-3 text-ink-2"
          >
            {direction === 'up' ? '△' : '▽'}
          </span>
        )
      })}
    </div>
  )
}

function InWords({
  points,
  shown,
}: {
  readonly points: readonly EquityPoint[]
  readonly shown: boolean
}) {
  const hidden = useAppearance(({ hideBalances }) => hideBalances)
  const summary = equitySummary(points)
  if (summary === undefined || hidden) return null
  const { first, last, low, high, flows, earned } = summary
  return (
    <p className={shown ? 'mt-3 text-sm leading-6 text-ink-2' : 'sr-only'}>
      {t('From {first} on {start} to {last} at {time}, never below {low} or above {high}.', {
        first: showUsd(first.equity),
        start: showDate(first.time),
        last: showUsd(last.equity),
        time: showTime(last.time),
        low: showUsd(low),
        high: showUsd(high),
      })}{' '}
      {directionOf(flows) === 'flat'
        ? null
        : t('Deposits less withdrawals (△ ▽) {flows},', { flows: showSignedUsd(flows) })}{' '}
      {t('trading and the market')} <SignedSum text={earned} shown={showSignedUsd(earned)} />.
    </p>
  )
}
