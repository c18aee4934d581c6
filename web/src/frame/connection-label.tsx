import { Pause, Play } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { connection, prices } from '../client/stream.ts'
import { showTime } from '../format/time.ts'
import { t } from '../messages.ts'
import { classes } from '../ui/class-names.ts'
import { choose, useAppearance } from './appearance.ts'

/** After so long without a tick the figures are shown as what they are: old. */
const STALE_MS = 10_000
const LOOK_MS = 1_000

const silent = () => 'idle' as const

/** How fresh the prices are, and the switch that keeps them still. */
export function ConnectionLabel() {
  const state = useSyncExternalStore(connection.onChange, connection.state, silent)
  const live = useAppearance(({ livePrices }) => livePrices)
  const staleSince = useStaleSince()

  useEffect(() => {
    const { dataset } = document.documentElement
    if (staleSince !== undefined && live) dataset['stale'] = ''
    else delete dataset['stale']
  }, [staleSince, live])

  // Before the first word of the stream there is nothing to say about it.
  if (state === 'idle' || state === 'connecting') return <span className="h-8 w-28" />
  const asOf =
    staleSince === undefined ? undefined : t('as of {time}', { time: showTime(staleSince) })
  const text = live ? (asOf ?? labelOf(state)) : t('Paused')
  const act = live ? t('Pause live prices') : t('Resume live prices')
  const Icon = live ? Pause : Play
  return (
    <button
      type="button"
      aria-pressed={!live}
      title={act}
      onClick={() => choose({ livePrices: !live })}
      className="group flex h-8 w-28 items-center justify-end gap-2 rounded-md text-xs text-ink-2 hover:text-ink"
    >
      <span className="sr-only">{act}</span>
      <span className="relative grid size-3 place-items-center">
        <span
          className={classes(
            'size-2 rounded-full group-hover:opacity-0',
            live && state === 'live' && asOf === undefined ? 'bg-(--gain)' : 'bg-warning',
          )}
        />
        <Icon aria-hidden="true" className="absolute size-3 opacity-0 group-hover:opacity-100" />
      </span>
      <span aria-live="polite">{text}</span>
    </button>
  )
}

function labelOf(state: 'live' | 'reconnecting' | 'offline'): string {
  const labels = { live: t('Live'), reconnecting: t('Reconnecting'), offline: t('Offline') }
  return labels[state]
}

/** When the newest prices were true, once that is a while ago. */
function useStaleSince(): number | undefined {
  const [since, setSince] = useState<number>()
  useEffect(() => {
    let heard = { asOfMs: prices.asOfMs(), at: performance.now() }
    const timer = setInterval(() => {
      const asOfMs = prices.asOfMs()
      if (asOfMs !== heard.asOfMs) heard = { asOfMs, at: performance.now() }
      setSince(performance.now() - heard.at > STALE_MS ? asOfMs : undefined)
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  return since
}
