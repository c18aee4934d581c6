/**
 * A map that forgets what was used longest ago. It is two generations: what is used moves into the
 * young one, and when that is full the old one goes. A single map in the order of use would be
 * exact, but leaves a hole for each move, and finding its oldest entry walks over them all.
 */
export type RecentMap<Value> = {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
  clear(): void
  /** Forgets what was not used since the last turn. */
  turn(): void
}

/** Keeps `entriesMax` at most, and of these the half used last for certain. */
export function createRecentMap<Value extends NonNullable<unknown> | null>(
  entriesMax: number,
): RecentMap<Value> {
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()

  const set = (key: string, value: Value): void => {
    young.set(key, value)
    if (young.size >= entriesMax / 2) turn()
  }

  const turn = (): void => {
    old = young
    young = new Map()
  }

  return {
    get(key) {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      if (older !== undefined) set(key, older)
      return older
    },
    set,
    delete(key) {
      young.delete(key)
      old.delete(key)
    },
    clear() {
      young = new Map()
      old = new Map()
    },
    turn,
  }
}
