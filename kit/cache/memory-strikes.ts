import type { Cache, StrikeRule } from './cache.ts'

/** What is known of a key that has failed. */
type Strikes = {
  /** When it failed, the oldest first: only what may still count. */
  readonly failedMs: readonly number[]
  /** How many blocks it has had since it started afresh. */
  readonly blocks: number
  readonly blockedUntilMs: number
  /** Of the last failure; a clock that is set back does not take it back. */
  readonly atMs: number
  /** From then on the key is as good as unknown. */
  readonly quietMs: number
}

const UNKNOWN: Strikes = { failedMs: [], blocks: 0, blockedUntilMs: 0, atMs: 0, quietMs: 0 }

/**
 * Keeps the failures in this process. When there are too many keys, those that failed longest ago
 * go first; keys that have been blocked are kept apart, so that no flood of new ones ends a block.
 */
export function createMemoryStrikes(
  keysMax: number,
): Pick<Cache, 'strike' | 'blockedMs' | 'forgive'> & { clear(): void } {
  const failing = new Map<string, Strikes>()
  const blocked = new Map<string, Strikes>()

  const strikesOf = (key: string): Strikes => blocked.get(key) ?? failing.get(key) ?? UNKNOWN

  /** Insertion order is the order of the last failure, so the quiet are found at the front. */
  const keep = (key: string, strikes: Strikes): void => {
    failing.delete(key)
    blocked.delete(key)
    const known = strikes.blocks === 0 ? failing : blocked
    known.set(key, strikes)
    for (const [oldest, { quietMs }] of known) {
      if (known.size <= keysMax && quietMs > strikes.atMs) return
      known.delete(oldest)
    }
  }

  return {
    async strike(key, rule, nowMs) {
      const before = strikesOf(key)
      const atMs = Math.max(nowMs, before.atMs)
      if (before.blockedUntilMs > atMs) return 0
      const after = struck(before.quietMs > atMs ? before : UNKNOWN, rule, atMs)
      keep(key, after)
      return Math.max(0, after.blockedUntilMs - atMs)
    },
    async blockedMs(key, nowMs) {
      const { blockedUntilMs, atMs } = strikesOf(key)
      return Math.max(0, blockedUntilMs - Math.max(nowMs, atMs))
    },
    async forgive(key) {
      failing.delete(key)
      const strikes = blocked.get(key)
      if (strikes !== undefined) blocked.set(key, { ...strikes, failedMs: [] })
    },
    clear() {
      failing.clear()
      blocked.clear()
    },
  }
}

function struck(before: Strikes, rule: StrikeRule, atMs: number): Strikes {
  const counted = before.failedMs.filter((at) => at + rule.windowMs > atMs)
  const failedMs = [...counted, atMs]
  if (failedMs.length < rule.failuresMax) {
    const { blocks, blockedUntilMs } = before
    const quietMs = atMs + (blocks === 0 ? rule.windowMs : rule.blockMaxMs)
    return { failedMs, blocks, blockedUntilMs, atMs, quietMs }
  }
  const blockedUntilMs = atMs + Math.min(rule.blockMaxMs, rule.blockMs * 2 ** before.blocks)
  return {
    failedMs: [],
    blocks: before.blocks + 1,
    blockedUntilMs,
    atMs,
    quietMs: blockedUntilMs + rule.blockMaxMs,
  }
}
