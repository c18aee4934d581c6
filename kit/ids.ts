/** Identifiers that rise in the order they are made, also within a millisecond: ULIDs. */
import { monotonicFactory } from 'ulid'

export function createIds(now: () => number): () => string {
  const next = monotonicFactory()
  return () => next(now())
}
