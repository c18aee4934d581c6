import { Problem } from '@cnop/contract/problem.ts'
import type { ApiKey } from './api-key-rows.ts'

export const API_KEYS_MAX = 50n

/** Throws `too-many-keys` where another would be one too many. */
export function refuseTooManyKeys(count: bigint): void {
  if (count < API_KEYS_MAX) return
  throw new Problem('too-many-keys', {
    detail: `An account has at most ${API_KEYS_MAX} API keys: revoke one that is not needed.`,
  })
}

/** What a token that looks like a key comes to. */
export type UseVerdict =
  | { readonly is: 'good'; readonly key: ApiKey }
  /** Unknown, revoked, over, or not proven: all alike. */
  | { readonly is: 'bad' }
  /** Good, and not from where it is used: only who holds the key itself hears of it. */
  | { readonly is: 'elsewhere' }

export function decideUse({
  key,
  series,
  proven,
  nowSeconds,
  addressAllowed,
}: {
  key: ApiKey | undefined
  /** The present one of the key's owner. */
  series: bigint
  proven: boolean
  nowSeconds: number
  addressAllowed: boolean
}): UseVerdict {
  const over = key?.expires !== undefined && key.expires <= nowSeconds
  if (key?.series !== series || !proven || over) return { is: 'bad' }
  return addressAllowed ? { is: 'good', key } : { is: 'elsewhere' }
}
