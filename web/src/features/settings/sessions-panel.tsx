import { endOtherSessions, endSession, type Session } from '@cnop/contract/session.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Monitor, Smartphone, Terminal } from 'lucide-react'
import { useState } from 'react'
import { ask } from '../../client/door.ts'
import { askAgain, queryClient } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { refusalLine } from '../../client/refusal-words.ts'
import { troubleOf } from '../../client/trouble.ts'
import { showMoment } from '../../format/time.ts'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { TroubleLine } from '../../ui/form-trouble.tsx'
import { Panel, Stamp } from '../../ui/panel.tsx'
import { Skeleton, Waiting } from '../../ui/states.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { deviceKind, deviceName } from './device-name.ts'
import { seenAgo } from './seen-ago.ts'
import { sessionsQuery } from './settings-queries.ts'

const refetch = () => queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })

/** Where somebody is signed in, this place first. */
export function SessionsPanel() {
  const sessions = useQuery(sessionsQuery)
  const [asking, setAsking] = useState(false)
  const endOthers = useMutation({
    mutationFn: () => ask(endOtherSessions, {}),
    onSuccess: () => setAsking(false),
    onSettled: refetch,
  })
  const here = sessions.data?.filter(({ current }) => current) ?? []
  const others = sessions.data?.filter(({ current }) => !current) ?? []
  return (
    <Panel
      title={t('Where you are signed in')}
      flush
      aside={
        others.length === 0 ? null : (
          <Button size="sm" look="danger" onClick={() => setAsking(true)}>
            {t('End all others')}
          </Button>
        )
      }
    >
      {sessions.data !== undefined ? (
        <ul className="divide-y divide-line">
          {[...here, ...others].map((session) => (
            <SessionRow key={session.session_id} session={session} />
          ))}
        </ul>
      ) : troubleOf(sessions) !== null ? (
        <Refusal
          title={t('Your sessions cannot be shown')}
          error={troubleOf(sessions)}
          onRetry={askAgain}
        />
      ) : (
        <Waiting what={t('Your sessions are on their way.')}>
          <Skeleton className="mx-4 my-3 h-11" />
        </Waiting>
      )}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('End all other sessions?')}
        lead={t(
          '{count, plural, one {# other place is} other {# other places are}} signed out at once. Here you stay signed in.',
          { count: others.length },
        )}
        action={t('End them')}
        busy={endOthers.isPending}
        error={endOthers.error}
        onConfirm={() => endOthers.mutate()}
      />
    </Panel>
  )
}

const ICONS = { computer: Monitor, phone: Smartphone, program: Terminal } as const

function SessionRow({ session }: { readonly session: Session }) {
  const { session_id, current, address, user_agent, created_at, last_seen_at } = session
  const end = useMutation({
    mutationFn: () => ask(endSession, { params: { session_id } }),
    onSettled: refetch,
  })
  const name = deviceName(user_agent)
  const Icon = ICONS[deviceKind(user_agent)]
  return (
    <li className="px-4 py-3">
      <div className="flex items-center gap-4">
        <Icon aria-hidden="true" className="size-5 shrink-0 text-ink-3" />
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-medium">
            {name}
            {current ? <Stamp>{t('This device')}</Stamp> : null}
          </p>
          <p className="text-sm text-ink-3" title={user_agent}>
            <span className="text-ink-2">{address}</span>
            {' · '}
            {current
              ? t('signed in {moment}', { moment: showMoment(created_at) })
              : t('last seen {ago}, signed in {moment}', {
                  ago: seenAgo(last_seen_at, Date.now()),
                  moment: showMoment(created_at),
                })}
          </p>
        </div>
        {current ? null : (
          <Button
            size="sm"
            aria-label={t('End the session of {name} at {address}', { name, address })}
            busy={end.isPending}
            onClick={() => end.mutate()}
          >
            {t('End')}
          </Button>
        )}
      </div>
      {end.isError ? (
        <div className="mt-3">
          <TroubleLine>{refusalLine(end.error)}</TroubleLine>
        </div>
      ) : null}
    </li>
  )
}
