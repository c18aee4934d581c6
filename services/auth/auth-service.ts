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
import { createLinkTokens } from './mail/link-tokens.ts'
import { createOutbox } from './mail/outbox.ts'
import { passwordEndpoints } from './password-endpoints.ts'
import { createBackgroundWork } from './passwords/background-work.ts'
import { readCommonPasswords } from './passwords/common-passwords.ts'
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
import { signingKeyVault } from './sessions/signing-key-rows.ts'
import { loadSigningKeys } from './sessions/signing-keys.ts'
import { createWatchedStore, tellEndings } from './sessions/tell-endings.ts'
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
  const { callerSecret, log, telemetry, now } = parts
  const inside = await openInside(parts)
  return createService({
    name: 'auth',
    endpoints: [
      ...userEndpoints(inside),
      ...signInEndpoints(inside),
      ...sessionEndpoints(inside),
      ...tokenEndpoints(inside),
      ...passwordEndpoints(inside),
      ...secondFactorEndpoints(inside),
      ...apiKeyEndpoints(inside),
      ...securityEndpoints(inside),
    ],
    answering: tellEndings,
    callerSecret,
    log,
    telemetry,
    now,
    checkAnswers: parts.checkAnswers ?? false,
    onClose: inside.close,
  })
}

/** What the endpoints stand on; each names what it takes of it. */
async function openInside(parts: AuthServiceParts) {
  const { callerSecret, cache, mail, rules, log, now, newId, publicUrl } = parts
  const clock = { ...systemCommitClock, now }
  const watched = createWatchedStore(parts.store)
  const securityLog = openSecurityLog({
    ...parts,
    store: watched,
    clock,
    days: rules.securityLogDays,
  })
  const { store, queue: events } = securityLog
  const vault = signingKeyVault(callerSecret)
  const keys = await loadSigningKeys({
    store,
    clock,
    days: rules.signingKeyDays,
    vault,
    newId,
    log,
  })
  const keeping = keepSigningKeys(keys, { log })
  const uses = createApiKeyUses({ store, clock, log, events })
  const linkTokens = createLinkTokens(callerSecret)
  const outbox = createOutbox({ ...parts, store, clock, linkTokens })
  const background = createBackgroundWork({ log })
  const closing = [background, outbox, uses, keeping, securityLog, mail, cache]
  const hasher = createPasswordHasher({
    cost: parts.passwordCost ?? PASSWORD_COST,
    queue: createWorkQueue(HASHING),
  })
  return {
    store,
    cache,
    clock,
    now,
    newId,
    rules,
    hasher,
    commonPasswords: readCommonPasswords(),
    guard: createSignInGuard({ cache, now, events, rules }),
    vault: createFactorVault(callerSecret),
    keys,
    tokens: createAccessTokens({ keys, issuer: publicUrl, now }),
    refreshTokens: createRefreshTokens(callerSecret),
    cookie: createRefreshCookie(publicUrl),
    uses,
    linkTokens,
    outbox,
    events,
    background,
    async close() {
      for (const part of closing) await part.close()
    },
  }
}
