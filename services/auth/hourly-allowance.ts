/** So much an hour for one key, counted where every replica counts. */
import { Problem } from '@cnop/contract/problem.ts'
import type { Cache } from '@cnop/kit/cache/cache.ts'

export type HourlyAllowance = {
  /** Names what is counted. */
  readonly key: string
  readonly perHour: number
}

export type AllowanceParts = {
  readonly cache: Pick<Cache, 'strike' | 'blockedMs'>
  readonly now: () => number
}

const HOUR_MS = 3_600_000

/** Takes one. Throws `rate-limited` when the hour has had as many as it may. */
export async function takeHourly(
  { key, perHour }: HourlyAllowance,
  { cache, now }: AllowanceParts,
): Promise<void> {
  const leftMs = await cache.blockedMs(key, now())
  if (leftMs > 0) throw new Problem('rate-limited', { retryAfterSeconds: Math.ceil(leftMs / 1000) })
  const rule = { failuresMax: perHour, windowMs: HOUR_MS, blockMs: HOUR_MS, blockMaxMs: HOUR_MS }
  await cache.strike(key, rule, now())
}

const LETTERS_PER_ADDRESS = 5

/** For a letter to an address that somebody names: nobody's mailbox is flooded, whoever asks. */
export const takeLetterTo = (email: string, parts: AllowanceParts): Promise<void> =>
  takeHourly({ key: `letters-to:${email.toLowerCase()}`, perHour: LETTERS_PER_ADDRESS }, parts)
