/** Identity and access: who people are, their passwords, their sessions, and the tokens of these. */
import type { Cache } from '@cnop/kit/cache/cache.ts'
import type { Config } from '@cnop/kit/config.ts'
import type { Log } from '@cnop/kit/log.ts'
import type { Mail } from '@cnop/kit/mail/mail.ts'
import { createService, type Service } from '@cnop/kit/service.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import {
  createPasswordHasher,
  PASSWORD_COST,
  type PasswordCost,
} from './passwords/password-hasher.ts'
import { createWorkQueue } from './passwords/work-queue.ts'
import { sessionEndpoints, tokenEndpoints } from './session-endpoints.ts'
import { createAccessTokens } from './sessions/access-tokens.ts'
import { loadSigningKey } from './sessions/signing-key.ts'
import { userEndpoints } from './user-endpoints.ts'

/** What an operator may set. */
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

export type AuthServiceParts = {
  readonly store: Store
  readonly cache: Cache
  readonly mail: Mail
  readonly rules: AuthRules
  readonly callerSecret: string
  readonly log: Log
  readonly telemetry: Telemetry
  readonly now: () => number
  /** A new identifier each time, rising in the order of the calls: a ULID. */
  readonly newId: () => string
  /** Where people reach the platform: `iss` of the tokens, and what the links of letters begin with. */
  readonly publicUrl: string
  readonly passwordCost?: PasswordCost
  readonly checkAnswers?: boolean
}

/**
 * A hash takes a core and 19 MiB: two at a time leave threads and memory to the rest of the
 * platform. What may wait is served within seconds also on a busy machine, before callers give up.
 */
const HASHING = { runningMax: 2, waitingMax: 128 } as const

export async function createAuthService(parts: AuthServiceParts): Promise<Service> {
  const { store, callerSecret, log, telemetry, now, publicUrl, passwordCost, checkAnswers } = parts
  const clock = { ...systemCommitClock, now }
  const signingKey = await loadSigningKey(store, clock)
  const tokens = createAccessTokens({ signingKey, issuer: publicUrl, now })
  const hasher = createPasswordHasher({
    cost: passwordCost ?? PASSWORD_COST,
    queue: createWorkQueue(HASHING),
  })
  const { newId, rules } = parts
  const lifeSeconds = rules.accessTokenMinutes * 60
  return createService({
    name: 'auth',
    endpoints: [
      ...userEndpoints({ store, clock, hasher, newId }),
      ...sessionEndpoints({ store, clock, hasher, tokens, newId, lifeSeconds }),
      ...tokenEndpoints({ store, tokens, now, publicKey: signingKey.publicKey }),
    ],
    callerSecret,
    log,
    telemetry,
    now,
    checkAnswers: checkAnswers ?? false,
  })
}
