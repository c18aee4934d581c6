import { useQuery } from '@tanstack/react-query'
import { Refusal } from '../../client/refusal.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { t } from '../../messages.ts'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton, Waiting } from '../../ui/states.tsx'
import { EmailPanel } from './email-panel.tsx'
import { ProfilePanel } from './profile-panel.tsx'
import { profileQuery } from './settings-queries.ts'

export function ProfilePage() {
  useTitle(t('Profile'))
  const profile = useQuery(profileQuery)
  return (
    <div className="grid gap-6">
      <h1 className="text-2xl">{t('Profile')}</h1>
      {profile.data !== undefined ? (
        <>
          <EmailPanel profile={profile.data} />
          <ProfilePanel profile={profile.data} />
        </>
      ) : profile.error !== null ? (
        <Panel>
          <Refusal
            title={t('Your profile cannot be shown')}
            error={profile.error}
            onRetry={() => void profile.refetch()}
          />
        </Panel>
      ) : (
        <Waiting what={t('Your profile is on its way.')}>
          <div className="grid gap-6">
            <Skeleton className="h-[106px] w-full rounded-lg" />
            <Skeleton className="h-[472px] w-full rounded-lg max-sm:h-[676px]" />
          </div>
        </Waiting>
      )}
    </div>
  )
}
