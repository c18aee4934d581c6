import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { useState } from 'react'
import { assetsQuery } from '../client/queries.ts'
import { LivePrice } from '../live/live-price.tsx'
import { t } from '../messages.ts'
import { Dialog } from '../ui/dialog.tsx'
import { matchWords } from '../ui/match-words.ts'
import { askShortcuts, closeOverlay } from './overlay.ts'

const ITEM =
  'flex h-11 cursor-pointer items-center justify-between gap-4 rounded-md px-3 text-sm data-[selected=true]:bg-raised'
const GROUP =
  '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-2 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3'

type Page =
  | '/markets'
  | '/dashboard'
  | '/portfolio'
  | '/orders'
  | '/account'
  | '/settings/profile'
  | '/settings/security'
  | '/settings/display'

/** Every asset and every page, a few letters away. */
export function Palette() {
  const assets = useQuery(assetsQuery)
  const navigate = useNavigate()
  const [search, setSearch] = useState('')
  const go = (to: Page): void => {
    closeOverlay()
    void navigate({ to })
  }
  const goToAsset = (to: '/assets/$id' | '/trade/$id', id: string): void => {
    closeOverlay()
    void navigate({ to, params: { id } })
  }
  return (
    <Dialog open onClose={closeOverlay} title={t('Search')} shape="palette">
      <Command label={t('Search')} loop filter={matchWords}>
        <Command.Input
          autoFocus
          value={search}
          onValueChange={setSearch}
          placeholder={t('An asset or a page')}
          className="h-14 w-full border-b border-line bg-transparent px-5 text-lg outline-none placeholder:text-ink-3"
        />
        <Command.List className="max-h-[50vh] overflow-auto p-2">
          <Command.Empty className="p-6 text-center text-sm text-ink-2">
            {t('Nothing here has that name.')}
          </Command.Empty>
          <Command.Group heading={t('Pages')} className={GROUP}>
            <Command.Item className={ITEM} onSelect={() => go('/markets')}>
              {t('Markets')}
            </Command.Item>
            <Command.Item className={ITEM} onSelect={() => go('/dashboard')}>
              {t('Dashboard')}
            </Command.Item>
            <Command.Item className={ITEM} onSelect={() => go('/portfolio')}>
              {t('Portfolio')}
            </Command.Item>
            <Command.Item className={ITEM} onSelect={() => go('/account')}>
              {t('Account')}
            </Command.Item>
            <Command.Item className={ITEM} onSelect={() => go('/orders')}>
              {t('Orders')}
            </Command.Item>
            <Command.Item className={ITEM} onSelect={() => go('/settings/profile')}>
              {t('Profile')}
            </Command.Item>
            <Command.Item className={ITEM} onSelect={() => go('/settings/security')}>
              {t('Security')}
            </Command.Item>
            <Command.Item className={ITEM} onSelect={() => go('/settings/display')}>
              {t('Display')}
            </Command.Item>
            <Command.Item className={ITEM} onSelect={askShortcuts}>
              {t('Keyboard shortcuts')}
            </Command.Item>
          </Command.Group>
          <Command.Group heading={t('Assets')} className={GROUP}>
            {assets.data?.map(({ asset_id, name, price_usd }) => (
              <Command.Item
                key={asset_id}
                value={`${asset_id} ${name}`}
                className={ITEM}
                onSelect={() => goToAsset('/assets/$id', asset_id)}
              >
                <span>
                  <span className="font-semibold">{name}</span>{' '}
                  <span className="text-ink-3">{asset_id}</span>
                </span>
                <LivePrice assetId={asset_id} known={price_usd} />
              </Command.Item>
            ))}
          </Command.Group>
          {search === '' ? null : (
            <Command.Group heading={t('Trade')} className={GROUP}>
              {assets.data?.map(({ asset_id, name }) => (
                <Command.Item
                  key={asset_id}
                  value={`${t('Trade')} ${asset_id} ${name}`}
                  className={ITEM}
                  onSelect={() => goToAsset('/trade/$id', asset_id)}
                >
                  {t('Trade {symbol}', { symbol: asset_id })}
                </Command.Item>
              ))}
            </Command.Group>
          )}
        </Command.List>
      </Command>
    </Dialog>
  )
}
