import { useSyncExternalStore } from 'react'
import { session } from './door.ts'
import type { SessionState } from './session.ts'

/** A page that is taken over was written for a stranger. */
const stranger = (): SessionState => 'signed-out'

/** `unknown` until it has been asked whether the session of the last visit still holds. */
export const useSessionState = (): SessionState =>
  useSyncExternalStore(session.onChange, session.state, stranger)
