import { logout } from '@cnop/contract/session.ts'
import { ask, session } from '../client/door.ts'
import { t } from '../messages.ts'
import { toast } from '../ui/toaster.tsx'

/** Here it is over at once, whether or not the platform could be told. */
export async function signOut(): Promise<void> {
  try {
    await ask(logout, {})
  } catch {
    toast(t('You are signed out here, but the platform could not be told.'))
  } finally {
    session.end()
  }
}
