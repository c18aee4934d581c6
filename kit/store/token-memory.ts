/** Remembers which tokens were applied, and with which ops, for ten minutes. */
import { StoreFault } from './store.ts'

const KEPT_MS = 10 * 60 * 1000
/** At some 200 bytes each: a store under full load forgets sooner rather than grow without end. */
const TOKENS_MAX = 50_000

export type TokenMemory = {
  /** Whether the ops were applied under this token; refuses a token that named other ops. */
  applied(token: string, fingerprint: string): boolean
  remember(token: string, fingerprint: string): void
  forget(token: string): void
}

export function createTokenMemory({
  now,
  tokensMax = TOKENS_MAX,
}: {
  now: () => number
  tokensMax?: number
}): TokenMemory {
  /** In the order of remembering, so the first is the oldest. */
  const tokens = new Map<
    string,
    { readonly fingerprint: string; readonly rememberedAtMs: number }
  >()
  return { applied, remember, forget: (token) => void tokens.delete(token) }

  function applied(token: string, fingerprint: string): boolean {
    const known = tokens.get(token)
    if (known === undefined || expired(known.rememberedAtMs)) return false
    if (known.fingerprint === fingerprint) return true
    throw new StoreFault('token-mismatch', 'The token has named other ops')
  }

  function remember(token: string, fingerprint: string): void {
    tokens.delete(token)
    tokens.set(token, { fingerprint, rememberedAtMs: now() })
    for (const [oldest, { rememberedAtMs }] of tokens) {
      if (tokens.size <= tokensMax && !expired(rememberedAtMs)) break
      tokens.delete(oldest)
    }
  }

  function expired(rememberedAtMs: number): boolean {
    return now() - rememberedAtMs >= KEPT_MS
  }
}
