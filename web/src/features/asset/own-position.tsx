import { Link } from '@tanstack/react-router'
import { useSessionState } from '../../client/use-session.ts'
import { t } from '../../messages.ts'
import { buttonClasses } from '../../ui/button.tsx'
import { onDemand } from '../../ui/on-demand.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/states.tsx'

const Position = onDemand(
  async () => (await import('./position.tsx')).Position,
  () => <Waiting />,
)

/** What the one who looks holds of the asset; a stranger is told how to begin. */
export function OwnPosition({
  assetId,
  symbol,
}: {
  readonly assetId: string
  readonly symbol: string
}) {
  const stranger = useSessionState() === 'signed-out'
  return (
    <>
      <div className="customer:hidden">
        <Panel title={t('Trade {symbol}', { symbol })}>
          <p className="text-sm text-ink-2">{t('With paper money, at the price you see here.')}</p>
          <Link to="/register" className={`${buttonClasses('primary')} mt-4 w-full`}>
            {t('Open a paper account')}
          </Link>
        </Panel>
      </div>
      <div className="hidden customer:block">
        <Panel title={t('Your position')}>
          {stranger ? <Waiting /> : <Position assetId={assetId} symbol={symbol} />}
        </Panel>
      </div>
    </>
  )
}

const Waiting = () => <Skeleton className="h-36 w-full" />
