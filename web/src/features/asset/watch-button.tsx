import { Star } from 'lucide-react'
import { useWatchlist } from '../../client/watchlist.ts'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { classes } from '../../ui/class-names.ts'

export function WatchButton({
  assetId,
  name,
}: {
  readonly assetId: string
  readonly name: string
}) {
  const { watched, toggle } = useWatchlist()
  if (watched === undefined) return null
  const isWatched = watched.has(assetId)
  return (
    <Button
      aria-pressed={isWatched}
      aria-label={t('Watch {name}', { name })}
      onClick={() => toggle(assetId)}
    >
      <Star aria-hidden="true" className={classes('size-4', isWatched && 'fill-current')} />
      {isWatched ? t('Watched') : t('Watch')}
    </Button>
  )
}
