import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useSessionState } from '../client/use-session.ts'
import { t } from '../messages.ts'
import { buttonClasses } from '../ui/button.tsx'
import { Empty } from '../ui/states.tsx'

/** Pages of a customer, as long as she is one here: a session may end while its page is open. */
export function OwnPages() {
  const state = useSessionState()
  const here = useLocation({ select: ({ href }) => href })
  if (state !== 'signed-out') return <Outlet />
  return (
    <Empty
      title={t('You are signed out')}
      action={
        <Link to="/login" search={{ next: here }} className={buttonClasses('primary')}>
          {t('Sign in')}
        </Link>
      }
    >
      {t('Sign in, and you are back on this page with what you had typed.')}
    </Empty>
  )
}
