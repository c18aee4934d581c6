/** Remembers which tokens were applied, and with which ops, for ten minutes. */
import { createRecentMap } from '../recent-map.ts'
import { StoreFault } from './store.ts'

const KEPT_MS = 10 * 60 * 1000
/** At some 200 bytes each: a store under full load forgets sooner rather than grow without end. */
const TOKENS_MAX = 20_000

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
  const tokens = createRecentMap<{
    readonly fingerprint: string
    readonly rememberedAtMs: number
  }>(tokensMax)
  return {
    applied,
    remember: (token, fingerprint) => tokens.set(token, { fingerprint, rememberedAtMs: now() }),
    forget: tokens.delete,
  }

  function applied(token: string, fingerprint: string): boolean {
    const known = tokens.get(token)
    if (known === undefined || now() - known.rememberedAtMs >= KEPT_MS) return false
    if (known.fingerprint === fingerprint) return true
    throw new StoreFault('token-mismatch', 'The token has named other ops')
  }
}
