/** Whose a token or an API key is that somebody came with. */
import { Problem } from '@cnop/contract/problem.ts'
import type { KeyScope } from '@cnop/contract/route.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { looksLikeApiKey } from '../api-keys/api-key-text.ts'
import type { ApiKeyUses } from '../api-keys/api-key-uses.ts'
import { type ShownKey, validateApiKey } from '../api-keys/validate-api-key.ts'
import type { AccessTokens } from './access-tokens.ts'
import { loadSession, sessionKey } from './session-rows.ts'

export type Bearer = {
  readonly userId: string
  readonly username: string
  /** Of the session, or of the API key that stands for one. */
  readonly sessionId: string
  /** What an API key may do. */
  readonly scopes?: readonly KeyScope[] | undefined
  /** Epoch seconds; absent for what does not expire. */
  readonly expires?: number | undefined
}

export type ValidateParts = {
  readonly store: Store
  readonly tokens: AccessTokens
  readonly now: () => number
  readonly uses: ApiKeyUses
}

/** Throws `bad-token`, also for a good one whose session is over, and `address-not-allowed`. */
export async function validateToken(shown: ShownKey, parts: ValidateParts): Promise<Bearer> {
  if (looksLikeApiKey(shown.token)) return validateApiKey(shown, parts)
  const { store, tokens, now } = parts
  const { userId, sessionId, expires } = await tokens.verify(shown.token)
  const [row] = await store.snapshot([sessionKey(userId, sessionId)])
  const session = row && loadSession(row)
  if (session === undefined || session.expires * 1000 <= now()) throw new Problem('bad-token')
  return { userId, username: session.username, sessionId, expires }
}
