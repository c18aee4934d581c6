import type { AnswerOf } from '@cnop/contract/route.ts'
import { dropSecondFactor, type getSecondFactor } from '@cnop/contract/second-factor.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { ShieldCheck, ShieldOff } from 'lucide-react'
import { useState } from 'react'
import { ask } from '../../client/door.ts'
import { askAgain, queryClient } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { troubleOf } from '../../client/trouble.ts'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { onDemand } from '../../ui/on-demand.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton, Waiting } from '../../ui/states.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { Outcome } from './inline-form.tsx'
import { secondFactorQuery } from './settings-queries.ts'

const SecondFactorSetup = onDemand(
  async () => (await import('./second-factor-setup.tsx')).SecondFactorSetup,
  () => <Skeleton className="h-32 w-full" />,
)

const CODES_FEW = 3

export function SecondFactorPanel() {
  const factor = useQuery(secondFactorQuery)
  if (factor.data !== undefined) return <Factor {...factor.data} />
  return (
    <Panel title={t('Second factor')}>
      {troubleOf(factor) !== null ? (
        <Refusal
          title={t('The second factor cannot be shown')}
          error={troubleOf(factor)}
          onRetry={askAgain}
        />
      ) : (
        <Waiting what={t('The second factor is on its way.')}>
          <Skeleton className="h-5 w-3/4" />
        </Waiting>
      )}
    </Panel>
  )
}

type FactorState = AnswerOf<typeof getSecondFactor>['data']

function Factor({ on, recovery_codes_left }: FactorState) {
  const [settingUp, setSettingUp] = useState(false)
  const [dropping, setDropping] = useState(false)
  const [outcome, setOutcome] = useState<string>()
  const toggle = (): void => {
    setSettingUp(!settingUp)
    setOutcome(undefined)
  }
  const done = (said: string): void => {
    setSettingUp(false)
    setDropping(false)
    setOutcome(said)
  }
  return (
    <Panel
      title={t('Second factor')}
      aside={
        on ? (
          <Button
            size="sm"
            look="danger"
            className={settingUp ? 'invisible' : ''}
            onClick={() => setDropping(true)}
          >
            {t('Switch off')}
          </Button>
        ) : (
          <Button size="sm" aria-expanded={settingUp} onClick={toggle}>
            {settingUp ? t('Leave it') : t('Set up')}
          </Button>
        )
      }
    >
      {settingUp ? (
        <SecondFactorSetup
          onDone={() => done(t('That was all. The next sign-in asks for a code.'))}
        />
      ) : (
        <div className="grid gap-3">
          {outcome === undefined ? null : <Outcome>{outcome}</Outcome>}
          <State on={on} codesLeft={recovery_codes_left} />
        </div>
      )}
      <DropDialog
        open={dropping}
        onClose={() => setDropping(false)}
        onDropped={() => done(t('From here on your password alone opens the account.'))}
      />
    </Panel>
  )
}

function DropDialog({
  open,
  onClose,
  onDropped,
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly onDropped: () => void
}) {
  const drop = useMutation({
    mutationFn: () => ask(dropSecondFactor, {}),
    onSuccess: onDropped,
    onSettled: () => queryClient.invalidateQueries({ queryKey: secondFactorQuery.queryKey }),
  })
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={t('Switch the second factor off?')}
      lead={t('From then on your password alone opens the account, and withdraws.')}
      action={t('Switch it off')}
      busy={drop.isPending}
      error={drop.error}
      onConfirm={() => drop.mutate()}
    />
  )
}

function State({ on, codesLeft }: { readonly on: boolean; readonly codesLeft: number }) {
  const Icon = on ? ShieldCheck : ShieldOff
  return (
    <div className="flex items-start gap-3 text-sm text-ink-2">
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      {on ? (
        <p>
          <span className="font-medium text-ink">{t('On.')}</span>{' '}
          {t('A code of your app is asked for at sign-in, and where money or access leaves.')}{' '}
          <span className={codesLeft <= CODES_FEW ? 'text-warning' : undefined}>
            {t(
              '{count, plural, one {# recovery code is left} other {# recovery codes are left}}.',
              { count: codesLeft },
            )}
            {codesLeft <= CODES_FEW
              ? ` ${t('For new ones switch it off and set it up again.')}`
              : null}
          </span>
        </p>
      ) : (
        <p>
          <span className="font-medium text-ink">{t('Off.')}</span>{' '}
          {t('With it, somebody who learns your password still cannot sign in or withdraw.')}
        </p>
      )}
    </div>
  )
}
