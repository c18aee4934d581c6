/** Identity and access: who people are, their passwords, their sessions, and the tokens of these. */
import type { Cache } from '@cnop/kit/cache/cache.ts'
import type { Log } from '@cnop/kit/log.ts'
import type { Mail } from '@cnop/kit/mail/mail.ts'
import { createService, type Service } from '@cnop/kit/service.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import { apiKeyEndpoints } from './api-key-endpoints.ts'
import { createApiKeyUses } from './api-keys/api-key-uses.ts'
import type { AuthRules } from './auth-rules.ts'
import {
  createPasswordHasher,
  PASSWORD_COST,
  type PasswordCost,
} from './passwords/password-hasher.ts'
import { createWorkQueue } from './passwords/work-queue.ts'
import { createFactorVault } from './second-factor/factor-vault.ts'
import { secondFactorEndpoints } from './second-factor-endpoints.ts'
import { securityEndpoints } from './security-endpoints.ts'
import { openSecurityLog } from './security-log/security-log.ts'
import { sessionEndpoints, signInEndpoints, tokenEndpoints } from './session-endpoints.ts'
import { createAccessTokens } from './sessions/access-tokens.ts'
import { keepSigningKeys } from './sessions/keep-signing-keys.ts'
import { createRefreshCookie } from './sessions/refresh-cookie.ts'
import { createRefreshTokens } from './sessions/refresh-tokens.ts'
import { loadSigningKeys } from './sessions/signing-keys.ts'
import { createSignInGuard } from './sign-in/sign-in-guard.ts'
import { userEndpoints } from './user-endpoints.ts'

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
  const { cache, mail, rules, log, telemetry, now, newId, publicUrl } = parts
  const clock = { ...systemCommitClock, now }
  const securityLog = openSecurityLog({ ...parts, clock, days: rules.securityLogDays })
  const { store, queue: events } = securityLog
  const keys = await loadSigningKeys({ store, clock, days: rules.signingKeyDays })
  const keeping = keepSigningKeys(keys, { log })
  const tokens = createAccessTokens({ keys, issuer: publicUrl, now })
  const refreshTokens = createRefreshTokens(parts.callerSecret)
  const cookie = createRefreshCookie(publicUrl)
  const hasher = createPasswordHasher({
    cost: parts.passwordCost ?? PASSWORD_COST,
    queue: createWorkQueue(HASHING),
  })
  const guard = createSignInGuard({ cache, now, events, rules })
  const vault = createFactorVault(parts.callerSecret)
  const uses = createApiKeyUses({ store, clock, log, events })
  const base = { store, clock, now, newId, rules, hasher, guard, vault }
  return createService({
    name: 'auth',
    endpoints: [
      ...userEndpoints(base),
      ...signInEndpoints({ ...base, tokens, refreshTokens, cookie }),
      ...sessionEndpoints(base),
      ...tokenEndpoints({ ...base, tokens, keys, uses }),
      ...secondFactorEndpoints(base),
      ...apiKeyEndpoints(base),
      ...securityEndpoints(base),
    ],
    callerSecret: parts.callerSecret,
    log,
    telemetry,
    now,
    checkAnswers: parts.checkAnswers ?? false,
    async onClose() {
      await keeping.close()
      await uses.close()
      await securityLog.close()
      await mail.close()
      await cache.close()
    },
  })
}
