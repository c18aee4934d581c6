import { type ApiKey, revokeApiKey } from '@cnop/contract/api-key.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ask } from '../../client/door.ts'
import { askAgain, queryClient } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { showDate } from '../../format/time.ts'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { onDemand } from '../../ui/on-demand.tsx'
import { Panel, Stamp } from '../../ui/panel.tsx'
import { Empty, Skeleton, Waiting } from '../../ui/states.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { Outcome } from './inline-form.tsx'
import { seenAgo } from './seen-ago.ts'
import { apiKeysQuery } from './settings-queries.ts'

const NewApiKey = onDemand(
  async () => (await import('./new-api-key.tsx')).NewApiKey,
  () => <Skeleton className="h-72 w-full" />,
)

/** Keys for programs, in place of a password. */
export function ApiKeysPanel() {
  const keys = useQuery(apiKeysQuery)
  const [making, setMaking] = useState<'no' | 'terms' | 'key'>('no')
  const [outcome, setOutcome] = useState<string>()
  const toggle = (): void => {
    setMaking(making === 'no' ? 'terms' : 'no')
    setOutcome(undefined)
  }
  return (
    <Panel
      title={t('API keys')}
      flush
      aside={
        <Button
          size="sm"
          aria-expanded={making !== 'no'}
          className={making === 'key' ? 'invisible' : ''}
          onClick={toggle}
        >
          {making === 'no' ? t('Make a key') : t('Leave it')}
        </Button>
      }
    >
      <div className="divide-y divide-line">
        {making !== 'no' ? (
          <div className="p-4">
            <NewApiKey onMade={() => setMaking('key')} onDone={() => setMaking('no')} />
          </div>
        ) : null}
        {outcome === undefined ? null : (
          <div className="p-4">
            <Outcome>{outcome}</Outcome>
          </div>
        )}
        {keys.data !== undefined ? (
          <KeyList keys={keys.data} making={making !== 'no'} onRevoked={setOutcome} />
        ) : troubleOf(keys) !== null ? (
          <Refusal
            title={t('Your API keys cannot be shown')}
            error={troubleOf(keys)}
            onRetry={askAgain}
          />
        ) : (
          <Waiting what={t('Your API keys are on their way.')}>
            <Skeleton className="m-4 h-[140px]" />
          </Waiting>
        )}
      </div>
    </Panel>
  )
}

function KeyList({
  keys,
  making,
  onRevoked,
}: {
  readonly keys: readonly ApiKey[]
  readonly making: boolean
  readonly onRevoked: (outcome: string) => void
}) {
  if (keys.length === 0) {
    return making ? null : (
      <Empty title={t('No keys yet')}>
        {t(
          'A key lets a program of yours read or trade, without your password. None can withdraw.',
        )}
      </Empty>
    )
  }
  return (
    <ul className="divide-y divide-line">
      {keys.map((key) => (
        <KeyRow key={key.key_id} apiKey={key} onRevoked={onRevoked} />
      ))}
    </ul>
  )
}

function KeyRow({
  apiKey,
  onRevoked,
}: {
  readonly apiKey: ApiKey
  readonly onRevoked: (outcome: string) => void
}) {
  const { key_id, name, scopes, expires_at } = apiKey
  const [asking, setAsking] = useState(false)
  const revoke = useMutation({
    mutationFn: () => ask(revokeApiKey, { params: { key_id } }),
    onSuccess: () => onRevoked(t('The key {name} is revoked and works no more.', { name })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: apiKeysQuery.queryKey }),
  })
  const over = expires_at !== undefined && Date.parse(expires_at) <= Date.now()
  return (
    <li className="flex items-start gap-4 px-4 py-3">
      <div className="grid min-w-0 flex-1 gap-1">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-medium wrap-anywhere">
          {name}
          {scopes.map((scope) => (
            <Stamp key={scope}>{scopeName(scope)}</Stamp>
          ))}
        </p>
        <dl className="flex flex-wrap gap-x-5 gap-y-0.5 text-sm">
          <Fact term={t('Last use')}>{lastUseOf(apiKey)}</Fact>
          <Fact term={over ? t('Ended') : t('Ends')}>
            {expires_at === undefined ? t('never') : showDate(expires_at)}
          </Fact>
          <Fact term={t('Made')}>{showDate(apiKey.created_at)}</Fact>
          <Fact term={t('From')}>
            {apiKey.addresses.length === 0 ? t('anywhere') : apiKey.addresses.join(', ')}
          </Fact>
        </dl>
      </div>
      <Button
        size="sm"
        look="danger"
        aria-label={t('Revoke {name}', { name })}
        onClick={() => setAsking(true)}
      >
        {t('Revoke')}
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('Revoke this key?')}
        lead={t('{name} stops working at once. There is no way back, only a new key.', { name })}
        action={t('Revoke it')}
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate()}
      />
    </li>
  )
}

function lastUseOf({ last_used_at, last_used_address }: ApiKey): string {
  if (last_used_at === undefined) return t('never')
  const ago = seenAgo(last_used_at, Date.now())
  return last_used_address === undefined
    ? ago
    : t('{ago} from {address}', { ago, address: last_used_address })
}

const scopeName = (scope: ApiKey['scopes'][number]): string =>
  ({ read: t('Read'), trade: t('Trade') })[scope]

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <div className="flex gap-1.5">
      <dt className="text-ink-3">{term}</dt>
      <dd className="text-ink-2 wrap-anywhere">{children}</dd>
    </div>
  )
}
