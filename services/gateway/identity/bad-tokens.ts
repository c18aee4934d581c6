/**
 * Bad tokens by address: one that has sent many is believed only the tokens that this door knows,
 * for a while, so that guessing costs auth little. Customers behind the same address go on.
 */
import { Problem } from '@cnop/contract/problem.ts'
import type { Cache, StrikeRule } from '@cnop/kit/cache/cache.ts'
import { networkOf } from '@cnop/kit/networks.ts'

export type BadTokens = {
  /** Throws `rate-limited` while the address may bring no token that is not known. */
  refuseGuesser(address: string): Promise<void>
  note(address: string): Promise<void>
}

const TEN_SECONDS_MS = 10_000

/** Every block lasts as long as the first: a page with an old token is no attack. */
const RULE: StrikeRule = {
  failuresMax: 500,
  windowMs: TEN_SECONDS_MS,
  blockMs: TEN_SECONDS_MS,
  blockMaxMs: TEN_SECONDS_MS,
}

export function createBadTokens({
  cache,
  now,
}: {
  readonly cache: Pick<Cache, 'strike' | 'blockedMs'>
  readonly now: () => number
}): BadTokens {
  const keyOf = (address: string): string => `bad-tokens:${networkOf(address)}`
  return {
    async refuseGuesser(address) {
      const waitMs = await cache.blockedMs(keyOf(address), now())
      if (waitMs === 0) return
      throw new Problem('rate-limited', {
        detail: 'Too many tokens from this address were no good.',
        retryAfterSeconds: Math.ceil(waitMs / 1000),
      })
    },
    async note(address) {
      await cache.strike(keyOf(address), RULE, now())
    },
  }
}
