import { useQuery } from '@tanstack/react-query'
import { askAgain } from '../../client/queries.ts'
import { Refusal } from '../../client/refusal.tsx'
import { troubleOf } from '../../client/trouble.ts'
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
      ) : troubleOf(profile) !== null ? (
        <Panel>
          <Refusal
            title={t('Your profile cannot be shown')}
            error={troubleOf(profile)}
            onRetry={askAgain}
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
