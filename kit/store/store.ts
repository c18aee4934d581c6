/**
 * The store port: rows in partitions, read atomically, changed by one conditional transaction.
 *
 * Every adapter enforces the limits of the narrowest one (DynamoDB), so that moving up is
 * configuration. Nothing here can lock, join, or scan inside a request. Rows may expire: `expiry.ts`.
 */

/** A field is text, a whole number of at most 38 digits, a truth value, or bytes. */
export type Field = string | bigint | boolean | Uint8Array

/** A stored row: flat, without its key. What needs a shape of its own is stored as canonical text. */
export type Row = { readonly [field: string]: Field }

export type Key = { readonly pk: string; readonly sk: string }

export type KeyedRow = { readonly sk: string; readonly row: Row }

/**
 * What must hold for the row as it stands, or the whole transaction is refused.
 * `equals` and `atLeast` need the row to exist; both may be given.
 */
export type Condition =
  | { readonly absent: true }
  | { readonly equals?: Row; readonly atLeast?: Readonly<Record<string, bigint>> }

/** `put` replaces the whole row; `update` sets the named fields and keeps the rest. */
export type Op =
  | { readonly kind: 'put'; readonly key: Key; readonly row: Row; readonly when?: Condition }
  | { readonly kind: 'update'; readonly key: Key; readonly set: Row; readonly when?: Condition }
  | { readonly kind: 'delete'; readonly key: Key; readonly when?: Condition }
  | { readonly kind: 'check'; readonly key: Key; readonly when: Condition }

export type QueryRange = {
  /** Inclusive bounds on the sort key. */
  readonly from?: string
  readonly to?: string
  /** 1 to 1000. */
  readonly limit: number
  readonly reverse?: boolean
  /** The sort key to continue behind: exclusive, in the direction of travel. */
  readonly after?: string
}

export type QueryPage = { readonly rows: readonly KeyedRow[]; readonly more: boolean }

export type ChangePage = {
  /** Partitions changed, in commit order; one commit may name several, a partition may repeat. */
  readonly partitions: readonly string[]
  /** Pass it as `after` to continue. Equal to the given one when nothing has changed. */
  readonly cursor: string
}

export type TransactOptions = {
  /**
   * Names the intention. The same token with the same ops within ten minutes succeeds without
   * applying twice; with other ops it is refused as `token-mismatch`.
   */
  readonly token: string
}

export type Store = {
  /** Reads up to 100 distinct keys at one moment; `undefined` where no row is. */
  snapshot(keys: readonly Key[]): Promise<readonly (Row | undefined)[]>
  /** Reads one partition in the order of the sort key's UTF-8 bytes. */
  query(pk: string, range: QueryRange): Promise<QueryPage>
  /** All ops or none. Resolves only when the change would survive a power cut. */
  transact(ops: readonly Op[], options: TransactOptions): Promise<void>
  /** What changed behind the cursor; `''` starts at the oldest change kept. At least once. */
  changes(after: string, limit: number): Promise<ChangePage>
  /** Every partition once, in order of its key, behind `after`. For audit and repair only. */
  partitions(after: string, limit: number): Promise<readonly string[]>
  /** Finishes what was begun, then lets go of the file. */
  close(): Promise<void>
}

/** What can be read without being able to write: an audit, a backup, a page of figures. */
export type StoreReader = Omit<Store, 'transact'>

/** `code` says whether the change may have been applied: only `outcome-unknown` may have been. */
export type StoreFaultCode =
  /** A condition did not hold; `failed` lists the positions of the ops concerned. */
  | 'condition-failed'
  /** Another transaction was in the way. */
  | 'conflict'
  | 'throttled'
  /** A limit of the store: the caller's mistake, never retried. */
  | 'too-large'
  | 'token-mismatch'
  /** The cursor is older than the changes kept: read every partition instead. */
  | 'cursor-expired'
  /** The store cannot write now (disk full, closed, unreachable); nothing was applied. */
  | 'unavailable'
  | 'outcome-unknown'

export class StoreFault extends Error {
  readonly code: StoreFaultCode
  readonly failed: readonly number[]

  constructor(
    code: StoreFaultCode,
    message: string,
    options: { failed?: readonly number[]; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'StoreFault'
    this.code = code
    this.failed = options.failed ?? []
  }
}

/** A store that does not open. The message is for the operator: what is wrong, and what to do. */
export class StoreOpenError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'StoreOpenError'
  }
}

/** The limits every adapter enforces with `too-large`. They are DynamoDB's. */
export const STORE_LIMITS = {
  keysPerSnapshotMax: 100,
  opsPerTransactionMax: 100,
  /** Fields named by the conditions and the `set` of one op: they share one expression. */
  fieldsPerOpMax: 100,
  snapshotBytesMax: 4 * 1024 * 1024,
  transactionBytesMax: 4 * 1024 * 1024,
  rowBytesMax: 400 * 1024,
  partitionKeyBytesMax: 2048,
  sortKeyBytesMax: 1024,
  digitsMax: 38,
  queryRowsMax: 1000,
} as const
