/** From `signsFromMs` on, until that of the next. */
export type Term = { readonly signsFromMs: number }

/** A key is published so long before it signs: every replica has read it by then. */
export const PUBLISHED_AHEAD_MS = 10 * 60_000

/** No token lives longer, whatever is configured and was before; and clocks differ a little. */
const LAST_TOKEN_MS = 61 * 60_000

/** The key that signs now; of a clock that lags behind the one that made it, the first. */
export function signingNow<Key extends Term>(keys: readonly Key[], nowMs: number): Key | undefined {
  return keys.findLast(({ signsFromMs }) => signsFromMs <= nowMs) ?? keys[0]
}

/** What becomes of a ring of keys, the oldest first. */
export type RingChange<Key> = {
  /** Without the keys whose last token has expired. */
  readonly kept: readonly Key[]
  /** From when a new key signs, where it is time to publish one. */
  readonly nextSignsFromMs: number | undefined
}

export function decideRing<Key extends Term>({
  keys,
  nowMs,
  lifeMs,
}: {
  keys: readonly Key[]
  nowMs: number
  lifeMs: number
}): RingChange<Key> {
  const kept = keys.filter((_, index) => {
    const successor = keys[index + 1]
    return successor === undefined || nowMs < successor.signsFromMs + LAST_TOKEN_MS
  })
  const newest = keys.at(-1)
  if (newest === undefined) return { kept, nextSignsFromMs: nowMs }
  const dueMs = newest.signsFromMs + lifeMs
  const soonestMs = nowMs + PUBLISHED_AHEAD_MS
  if (soonestMs < dueMs) return { kept, nextSignsFromMs: undefined }
  return { kept, nextSignsFromMs: soonestMs }
}
