import { useSyncExternalStore } from 'react'
import { session } from './door.ts'
import type { SessionState } from './session.ts'

/** `unknown` until it has been asked whether the session of the last visit still holds. */
export const useSessionState = (): SessionState =>
  useSyncExternalStore(session.onChange, session.state)
