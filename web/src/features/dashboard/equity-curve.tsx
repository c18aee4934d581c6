import { type EquityPoint, HISTORY_PERIODS, type HistoryPeriod } from '@cnop/contract/portfolio.ts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { historyQuery } from '../../client/own-queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { showUsd } from '../../format/money.ts'
import { showDate, showMoment } from '../../format/time.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { t } from '../../messages.ts'
import { Choice } from '../../ui/choice.tsx'
import { curveThrough } from '../../ui/sparkline.tsx'
import { Skeleton } from '../../ui/states.tsx'

const BOX = { width: 1000, height: 200 }

const periodName = (period: HistoryPeriod): string =>
  ({ '1d': t('1D'), '1w': t('1W'), '1m': t('1M'), '3m': t('3M'), '1y': t('1Y') })[period]

/** What everything was worth over time. A finger or the arrow keys read single points. */
export function EquityCurve() {
  const [period, setPeriod] = useState<HistoryPeriod>('1m')
  const history = useQuery({ ...historyQuery(period), placeholderData: (before) => before })
  const points = history.data
  return (
    <div>
      <div className="flex justify-end">
        <Choice
          label={t('Period')}
          value={period}
          onPick={setPeriod}
          options={HISTORY_PERIODS.map((value) => ({ value, label: periodName(value) }))}
        />
      </div>
      <div className="mt-3 h-[232px]">
        {points === undefined ? (
          history.error === null ? (
            <Skeleton className="h-[200px] w-full" />
          ) : (
            <Refusal
              title={t('The curve cannot be shown')}
              error={history.error}
              onRetry={() => void history.refetch()}
            />
          )
        ) : points.length < 2 ? (
          <p className="grid h-[200px] place-items-center text-sm text-ink-3">
            {t('The curve begins with the first deposit.')}
          </p>
        ) : (
          <Curve points={points} />
        )}
      </div>
    </div>
  )
}

function Curve({ points }: { readonly points: readonly EquityPoint[] }) {
  const [read, setRead] = useState<number>()
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
          aria-valuetext={`${showUsd(point.equity)}, ${showMoment(point.time)}`}
          onChange={(event) => setRead(Number(event.currentTarget.value))}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            const share = (event.clientX - box.left) / box.width
            setRead(Math.round(Math.min(1, Math.max(0, share)) * last))
          }}
          onPointerLeave={() => setRead(undefined)}
          onBlur={() => setRead(undefined)}
          className="absolute inset-0 size-full cursor-crosshair opacity-0"
        />
      </div>
      <figcaption className="mt-2 flex justify-between text-xs text-ink-3">
        {read === undefined ? (
          <>
            <span>{showDate(points[0]?.time ?? point.time)}</span>
            <span>{showDate(point.time)}</span>
          </>
        ) : (
          <>
            <span>{showMoment(point.time)}</span>
            <span className="font-medium text-ink">
              <PrivateFigure>{showUsd(point.equity)}</PrivateFigure>
            </span>
          </>
        )}
      </figcaption>
    </figure>
  )
}
