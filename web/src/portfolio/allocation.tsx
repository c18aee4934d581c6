import { parseDecimal, parseUsd } from '@cnop/contract/money.ts'
import type { Portfolio } from '@cnop/contract/portfolio.ts'
import { Link } from '@tanstack/react-router'
import { showPercent, showUsd } from '../format/money.ts'
import { PrivateFigure } from '../frame/private-figure.tsx'
import { t } from '../messages.ts'
import { Donut, toneOf } from '../ui/donut.tsx'
import { Panel } from '../ui/panel.tsx'
import { Empty } from '../ui/states.tsx'
import { type Slice, slicesOf } from './slices.ts'

type Divided = Pick<Portfolio, 'total_value' | 'cash_balance' | 'assets'>

/** Where the money is: the greatest by name, the rest together. */
export function Allocation({ portfolio }: { readonly portfolio: Divided }) {
  if ((parseUsd(portfolio.total_value) ?? 0n) <= 0n) {
    return (
      <Panel title={t('Allocation')} className="grow">
        <Empty title={t('Nothing to divide yet')}>
          {t('Deposit paper cash, and it appears here.')}
        </Empty>
      </Panel>
    )
  }
  const slices = slicesOf(portfolio)
  return (
    <Panel title={t('Allocation')} className="grow">
      <div className="@container">
        <div className="grid items-center gap-6 @min-[420px]:grid-cols-[152px_minmax(0,1fr)]">
          <div className="mx-auto size-38">
            <Donut
              label={t('Allocation')}
              slices={slices.map((slice) => ({
                name: nameOf(slice),
                share: Number(parseDecimal(slice.percent, 2)),
              }))}
            />
          </div>
          <ul>
            {slices.map((slice, index) => (
              <li key={slice.key} className="flex h-8 items-center text-sm">
                <span
                  aria-hidden="true"
                  className="mr-2.5 size-2.5 shrink-0 rounded-[2px]"
                  style={{ backgroundColor: toneOf(index) }}
                />
                {slice.kind === 'asset' ? (
                  <Link
                    to="/assets/$id"
                    params={{ id: slice.key }}
                    className="min-w-0 truncate hover:underline"
                  >
                    {slice.name}
                  </Link>
                ) : (
                  <span className="whitespace-nowrap">{nameOf(slice)}</span>
                )}
                <span aria-hidden="true" className="leader" />
                <span className="text-ink-3">
                  <PrivateFigure>{showUsd(slice.value)}</PrivateFigure>
                </span>
                <span className="w-16 shrink-0 text-right font-medium">
                  {showPercent(slice.percent)}
                </span>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </Panel>
  )
}

function nameOf(slice: Slice): string {
  if (slice.kind === 'asset') return slice.name
  return slice.kind === 'cash'
    ? t('Cash')
    : t('{count, plural, one {# other} other {# others}}', { count: slice.count })
}
