import { formatDecimal, parseDecimal, percentOf, USD_SCALE } from '@cnop/contract/money.ts'
import type { Portfolio } from '@cnop/contract/portfolio.ts'
import { Link } from '@tanstack/react-router'
import { showPercent, showUsd } from '../../format/money.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { t } from '../../messages.ts'
import { Donut, toneOf } from '../../ui/donut.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Empty } from '../../ui/states.tsx'

const SLICES_MAX = 6

type Share = {
  readonly name: string
  /** Absent for cash, and for what is gathered at the end. */
  readonly assetId: string | undefined
  readonly value: bigint
}

/** Where the money is: the greatest by name, the rest together. */
export function Allocation({ portfolio }: { readonly portfolio: Portfolio }) {
  const total = cents(portfolio.total_value)
  if (total <= 0n) {
    return (
      <Panel title={t('Allocation')}>
        <Empty title={t('Nothing to divide yet')}>
          {t('Deposit paper cash, and it appears here.')}
        </Empty>
      </Panel>
    )
  }
  const shares = sharesOf(portfolio)
  return (
    <Panel title={t('Allocation')}>
      <div className="grid items-center gap-6 sm:grid-cols-[152px_minmax(0,1fr)]">
        <div className="mx-auto size-38">
          <Donut
            label={t('Allocation')}
            slices={shares.map((one) => ({ name: one.name, share: Number(one.value) }))}
          />
        </div>
        <ul>
          {shares.map(({ name, assetId, value }, index) => (
            <li key={name} className="flex h-8 items-center text-sm">
              <span
                aria-hidden="true"
                className="mr-2.5 size-2.5 rounded-[2px]"
                style={{ backgroundColor: toneOf(index) }}
              />
              {assetId === undefined ? (
                <span>{name}</span>
              ) : (
                <Link to="/assets/$id" params={{ id: assetId }} className="hover:underline">
                  {name}
                </Link>
              )}
              <span aria-hidden="true" className="leader" />
              <span className="text-ink-3">
                <PrivateFigure>{showUsd(formatDecimal(value, USD_SCALE, USD_SCALE))}</PrivateFigure>
              </span>
              <span className="w-16 text-right font-medium">
                {showPercent(percentOf(value, total))}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  )
}

const cents = (text: string): bigint => parseDecimal(text, USD_SCALE) ?? 0n

function sharesOf({ cash_balance, assets }: Portfolio): readonly Share[] {
  const all: Share[] = [
    { name: t('Cash'), assetId: undefined, value: cents(cash_balance) },
    ...assets.map(({ asset_id, asset_name, market_value }) => ({
      name: asset_name,
      assetId: asset_id,
      value: cents(market_value),
    })),
  ]
  const greatest = all
    .filter((share) => share.value > 0n)
    .sort((left, right) => (right.value > left.value ? 1 : -1))
  if (greatest.length <= SLICES_MAX) return greatest
  const rest = greatest.slice(SLICES_MAX - 1)
  const value = rest.reduce((sum, one) => sum + one.value, 0n)
  const name = t('{count, plural, one {# other} other {# others}}', { count: rest.length })
  return [...greatest.slice(0, SLICES_MAX - 1), { name, assetId: undefined, value }]
}
