/** What the cases of the conformance suite are made of. */
import { randomUUID } from 'node:crypto'
import {
  type Condition,
  type Key,
  type Op,
  type Row,
  type Store,
  StoreFault,
  type StoreFaultCode,
} from '../store.ts'

export type StoreCase = {
  /** A guarantee of every store. */
  readonly title: string
  readonly run: (given: Given) => Promise<void>
}

export type Given = {
  /** An empty store; every call and its answer become a line of the transcript. */
  readonly store: Store
  /** The same store unheard, for calls whose number or order is left to chance. */
  readonly unheard: Store
  /** Writes a line of the transcript. */
  readonly note: (line: string) => void
}

export function key(pk: string, sk: string): Key {
  return { pk, sk }
}

export function put(at: Key, row: Row, when?: Condition): Op {
  return when === undefined ? { kind: 'put', key: at, row } : { kind: 'put', key: at, row, when }
}

export function update(at: Key, set: Row, when?: Condition): Op {
  return when === undefined
    ? { kind: 'update', key: at, set }
    : { kind: 'update', key: at, set, when }
}

export function remove(at: Key, when?: Condition): Op {
  return when === undefined ? { kind: 'delete', key: at } : { kind: 'delete', key: at, when }
}

export function check(at: Key, when: Condition): Op {
  return { kind: 'check', key: at, when }
}

/** Transacts under a token of its own. */
export function commit(store: Store, ...ops: readonly Op[]): Promise<void> {
  return store.transact(ops, { token: newToken() })
}

/** As long as the shortest that an adapter allows. */
export function newToken(): string {
  return randomUUID()
}

export async function read(store: Store, at: Key): Promise<Row | undefined> {
  const [row] = await store.snapshot([at])
  return row
}

/** The sort keys of a page. */
export async function sortKeys(
  store: Store,
  pk: string,
  range: Parameters<Store['query']>[1],
): Promise<readonly string[]> {
  const page = await store.query(pk, range)
  return page.rows.map(({ sk }) => sk)
}

/** How a call was refused, in words: `condition-failed 0,2`, `too-large`, `TypeError`. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'not refused'
  } catch (error) {
    return describeRefusal(error)
  }
}

export function describeRefusal(error: unknown): string {
  if (error instanceof StoreFault) return [error.code, error.failed.join(',')].join(' ').trim()
  if (error instanceof TypeError) return 'TypeError'
  throw error
}

/** Refused because of another transaction, whether or not a condition saw it. */
export const CONTENDED: readonly StoreFaultCode[] = ['condition-failed', 'conflict', 'throttled']
/** Refused without any condition having failed. */
export const IN_THE_WAY: readonly StoreFaultCode[] = ['conflict', 'throttled']

/** Tries until it is not refused for any of these. */
export async function retried<Result>(
  codes: readonly StoreFaultCode[],
  attempt: () => Promise<Result>,
): Promise<Result> {
  while (true) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof StoreFault && codes.includes(error.code))) throw error
    }
  }
}

export function times<Result>(count: number, make: (index: number) => Result): Result[] {
  return Array.from({ length: count }, (_, index) => make(index))
}
