import { Link, Outlet } from '@tanstack/react-router'
import { KeyRound, LogOut, SlidersHorizontal, UserRound } from 'lucide-react'
import { useSessionState } from '../../client/use-session.ts'
import { signOut } from '../../frame/sign-out.ts'
import { t } from '../../messages.ts'
import { classes } from '../../ui/class-names.ts'

const PLACES = [
  { to: '/settings/profile', label: () => t('Profile'), icon: UserRound },
  { to: '/settings/security', label: () => t('Security'), icon: KeyRound },
  { to: '/settings/display', label: () => t('Display'), icon: SlidersHorizontal },
] as const

const PLACE =
  'flex h-10 items-center gap-3 rounded-md px-3 text-sm whitespace-nowrap text-ink-2 hover:text-ink'

/** What can be set, in three parts; a stranger is asked who he is before two of them. */
export function SettingsLayout() {
  const signedIn = useSessionState() === 'signed-in'
  return (
    <div className="mx-auto grid max-w-page grid-cols-1 gap-x-12 gap-y-6 px-4 pt-6 md:grid-cols-[180px_minmax(0,760px)] md:px-6 md:pt-10">
      <nav
        aria-label={t('Settings')}
        className="flex gap-1 overflow-x-auto border-b border-line pb-2 hide-scrollbar md:sticky md:top-24 md:grid md:self-start md:border-0 md:pb-0"
      >
        {PLACES.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            className={PLACE}
            activeProps={{ className: 'bg-raised font-semibold text-ink' }}
          >
            <Icon aria-hidden="true" className="size-4 max-sm:hidden" />
            {label()}
          </Link>
        ))}
        {signedIn ? (
          <button
            type="button"
            onClick={() => void signOut()}
            className={classes(PLACE, 'max-md:ml-auto md:mt-4')}
          >
            <LogOut aria-hidden="true" className="size-4 max-sm:hidden" />
            {t('Sign out')}
          </button>
        ) : null}
      </nav>
      <div className="min-w-0">
        <Outlet />
      </div>
    </div>
  )
}
