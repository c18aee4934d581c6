import { Problem } from '@cnop/contract/problem.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { AccessTokens } from './access-tokens.ts'
import { loadSession, sessionKey } from './session-rows.ts'

export type LiveToken = {
  readonly userId: string
  readonly username: string
  readonly sessionId: string
  /** Epoch seconds. */
  readonly expires: number
}

/** Whose token it is. Throws `bad-token`, also for a good one whose session is over. */
export async function validateToken(
  token: string,
  { store, tokens, now }: { store: Store; tokens: AccessTokens; now: () => number },
): Promise<LiveToken> {
  const { userId, sessionId, expires } = await tokens.verify(token)
  const [row] = await store.snapshot([sessionKey(userId, sessionId)])
  const session = row && loadSession(row)
  if (session === undefined || session.expires * 1000 <= now()) throw new Problem('bad-token')
  return { userId, username: session.username, sessionId, expires }
}
