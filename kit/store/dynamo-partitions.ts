/**
 * Every partition of a table, in the order of its key. DynamoDB keeps partitions in the order of a
 * hash and cannot list them, so a walk leaps from the first row of each behind its last possible
 * row, one small read a partition, and sorts what it has met. The whole list is in memory for as
 * long as pages continue it: at some 50 bytes a key, 50 MB for a million customers.
 */
import type { Item } from './dynamo-items.ts'
import { compareKeys } from './row-rules.ts'
import { STORE_LIMITS } from './store.ts'

/** The greatest sort key there can be: behind it lies the next partition. */
const BEHIND_ALL = '\u{10ffff}'.repeat(STORE_LIMITS.sortKeyBytesMax / 4)
/** Parts of the table that are walked side by side. */
const SEGMENTS = 8

export type FirstRow = (from: {
  readonly segment: number
  readonly segments: number
  readonly behind: Item | undefined
}) => Promise<{ readonly pk: string | undefined; readonly next: Item | undefined }>

export type PartitionWalk = (after: string, limit: number) => Promise<readonly string[]>

export function createPartitionWalk(firstRow: FirstRow): PartitionWalk {
  /** What is left of the last walk, for the page that continues where the last one ended. */
  let rest: { readonly behind: string; readonly partitions: readonly string[] } | undefined

  return async (after, limit) => {
    const continued = rest !== undefined && rest.behind === after
    const ahead = continued
      ? (rest?.partitions ?? [])
      : (await everyPartition(firstRow)).filter((pk) => compareKeys(pk, after) > 0)
    const page = ahead.slice(0, limit)
    const last = page.at(-1)
    rest = last === undefined ? undefined : { behind: last, partitions: ahead.slice(limit) }
    return page
  }
}

async function everyPartition(firstRow: FirstRow): Promise<readonly string[]> {
  const met = new Set<string>()
  const walk = async (segment: number): Promise<void> => {
    let behind: Item | undefined
    do {
      const { pk, next } = await firstRow({ segment, segments: SEGMENTS, behind })
      if (pk !== undefined) met.add(pk)
      behind = pk === undefined ? next : { pk: { S: pk }, sk: { S: BEHIND_ALL } }
    } while (behind !== undefined)
  }
  await Promise.all(Array.from({ length: SEGMENTS }, (_, segment) => walk(segment)))
  return [...met].sort(compareKeys)
}
