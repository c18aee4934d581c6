/** What a live session is good for: an access token, and the refresh token for the next one. */
import type { AuthRules } from '../auth-rules.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import type { KeptSession } from './session-rows.ts'

export type Grant = {
  readonly accessToken: string
  readonly accessSeconds: number
  readonly refreshToken: string
  readonly refreshSeconds: number
}

export type GrantParts = {
  readonly tokens: AccessTokens
  readonly refreshTokens: RefreshTokens
  readonly newId: () => string
  readonly rules: Pick<AuthRules, 'accessTokenMinutes'>
}

/** No token outlives its session. */
export async function grantTokens(
  { userId, session, nowMs }: { userId: string; session: KeptSession; nowMs: number },
  { tokens, refreshTokens, newId, rules }: GrantParts,
): Promise<Grant> {
  const { sessionId, generation } = session
  const issued = Math.floor(nowMs / 1000)
  const expires = Math.min(issued + rules.accessTokenMinutes * 60, session.expires)
  return {
    accessToken: await tokens.sign({ userId, sessionId, tokenId: newId(), issued, expires }),
    accessSeconds: expires - issued,
    refreshToken: refreshTokens.write({ userId, sessionId, generation }),
    refreshSeconds: session.expires - issued,
  }
}
