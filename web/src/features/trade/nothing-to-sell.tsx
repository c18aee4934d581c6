import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { assetBalancesQuery } from '../../client/own-queries.ts'
import { showQuantity } from '../../format/money.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { t } from '../../messages.ts'

/** Only what is owned can be sold: here is what is owned. */
export function NothingToSell({ symbol }: { readonly symbol: string }) {
  const balances = useQuery(assetBalancesQuery)
  const owned = balances.data?.filter(({ available }) => /[1-9]/.test(available)) ?? []
  return (
    <div className="grid gap-3 text-sm">
      <p className="font-semibold">{t('You hold no {symbol} to sell.', { symbol })}</p>
      {owned.length === 0 ? (
        <p className="text-ink-2">{t('What you buy can be sold here.')}</p>
      ) : (
        <>
          <p className="text-ink-2">{t('You can sell:')}</p>
          <ul className="-mx-2 max-h-80 overflow-auto">
            {owned.map(({ asset_id, asset_name, available }) => (
              <li key={asset_id}>
                <Link
                  to="/trade/$id"
                  params={{ id: asset_id }}
                  search={{ side: 'sell' }}
                  className="flex h-10 items-center justify-between gap-4 rounded-md px-2 hover:bg-raised"
                >
                  <span className="truncate font-medium">{asset_name}</span>
                  <span className="whitespace-nowrap text-ink-2">
                    <PrivateFigure>{showQuantity(available)}</PrivateFigure> {asset_id}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
