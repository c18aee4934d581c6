import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { assetBalancesQuery } from '../../client/own-queries.ts'
import { assetsQuery } from '../../client/queries.ts'
import { useSessionState } from '../../client/use-session.ts'
import { showQuantity } from '../../format/money.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { AssetName } from '../../live/asset-name.tsx'
import { LivePrice } from '../../live/live-price.tsx'
import { t } from '../../messages.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { matchWords } from '../../ui/match-words.ts'
import type { Side } from './draft.ts'

/** Every asset, or, for a sale, every asset that is owned. */
export function AssetPicker({
  side,
  onClose,
}: {
  readonly side: Side
  readonly onClose: () => void
}) {
  const signedIn = useSessionState() === 'signed-in'
  const assets = useQuery(assetsQuery)
  const sells = side === 'sell' && signedIn
  const balances = useQuery({ ...assetBalancesQuery, enabled: sells })
  const held = new Map(balances.data?.map(({ asset_id, available }) => [asset_id, available]))
  const offered = assets.data?.filter(
    ({ asset_id }) => !sells || /[1-9]/.test(held.get(asset_id) ?? ''),
  )
  const navigate = useNavigate()
  const go = (id: string): void => {
    onClose()
    void navigate({ to: '/trade/$id', params: { id }, search: (now) => now })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={sells ? t('What to sell') : t('What to trade')}
      shape="palette"
    >
      <Command label={t('Assets')} loop filter={matchWords}>
        <Command.Input
          autoFocus
          placeholder={sells ? t('An asset that you own') : t('An asset')}
          className="h-14 w-full border-b border-line bg-transparent px-5 text-lg outline-none placeholder:text-ink-3"
        />
        <Command.List className="max-h-[50vh] overflow-auto p-2">
          <Command.Empty className="p-6 text-center text-sm text-ink-2">
            {assets.isPending || (sells && balances.isPending)
              ? t('The assets are on their way.')
              : sells && offered?.length === 0
                ? t('You own nothing that could be sold yet.')
                : t('No asset has that name.')}
          </Command.Empty>
          {offered?.map(({ asset_id, name, symbol, image, price_usd }) => (
            <Command.Item
              key={asset_id}
              value={`${asset_id} ${name}`}
              onSelect={() => go(asset_id)}
              className="flex h-12 cursor-pointer items-center justify-between gap-4 rounded-md px-3 text-sm data-[selected=true]:bg-raised"
            >
              <AssetName name={name} symbol={symbol} image={image} />
              {sells ? (
                <span className="whitespace-nowrap text-ink-2">
                  <PrivateFigure>{showQuantity(held.get(asset_id) ?? '0')}</PrivateFigure>
                </span>
              ) : (
                <LivePrice assetId={asset_id} known={price_usd} />
              )}
            </Command.Item>
          ))}
        </Command.List>
      </Command>
    </Dialog>
  )
}
