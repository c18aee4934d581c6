/** A map whose keys are kept in the order of their UTF-8 bytes. */
import { type Bounds, compareKeys } from './row-rules.ts'

export type SortedMap<Value> = {
  readonly size: number
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
  /** Up to `limit` keys within the bounds, from the low end or, in reverse, from the high end. */
  keysWithin(bounds: Bounds, options: { limit: number; reverse: boolean }): readonly string[]
}

export function createSortedMap<Value>(): SortedMap<Value> {
  const values = new Map<string, Value>()
  const keys: string[] = []
  return {
    get size() {
      return keys.length
    },
    get: (key) => values.get(key),
    set(key, value) {
      if (!values.has(key)) keys.splice(countBelow(key, false), 0, key)
      values.set(key, value)
    },
    delete(key) {
      if (values.delete(key)) keys.splice(countBelow(key, false), 1)
    },
    keysWithin({ low, high }, { limit, reverse }) {
      const start = countBelow(low.sk, !low.inclusive)
      const end = high === undefined ? keys.length : countBelow(high.sk, high.inclusive)
      if (start >= end) return []
      if (reverse) return keys.slice(Math.max(start, end - limit), end).reverse()
      return keys.slice(start, Math.min(end, start + limit))
    },
  }

  /** How many keys come before this one, itself counted when `orEqual`. */
  function countBelow(key: string, orEqual: boolean): number {
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = compareKeys(keys[middle] as string, key)
      if (order < 0 || (orEqual && order === 0)) low = middle + 1
      else high = middle
    }
    return low
  }
}
