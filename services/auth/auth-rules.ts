import type { Config } from '@cnop/kit/config.ts'

/** What an operator may set about identity and access. */
export type AuthRules = Pick<
  Config,
  | 'accessTokenMinutes'
  | 'sessionDays'
  | 'sessionIdleDays'
  | 'signingKeyDays'
  | 'signInFailuresPerAccount'
  | 'signInFailuresPerAddress'
  | 'signInWindowSeconds'
  | 'signInBlockSeconds'
  | 'registrationsPerAddress'
  | 'securityLogDays'
>
