/**
 * The cache keeps what may be lost: on loss a limit starts afresh, and nothing else happens.
 *
 * An allowance is the generic cell rate algorithm in its leaky-bucket form (ITU-T I.371): a bucket
 * that holds one minute's worth of requests and drains evenly, so there is no window whose edge
 * could be waited for.
 */
export type Allowance = {
  /** Names the bucket. The keys of one call have the same text before their last colon. */
  readonly key: string
  /** A whole number of at least 1: how many at once when the bucket is empty, and how many a minute. */
  readonly perMinute: number
}

/** What is left of the tightest of the allowances asked for. */
export type Spending = {
  readonly allowed: boolean
  readonly perMinute: number
  /** Requests that would be allowed now. */
  readonly remaining: number
  /** Until the whole allowance is there again. */
  readonly resetMs: number
  /** Until one request is allowed; 0 where one was. */
  readonly retryAfterMs: number
}

/** How many failures begin a block, and how long it lasts. */
export type StrikeRule = {
  /** So many within `windowMs` begin a block. */
  readonly failuresMax: number
  readonly windowMs: number
  /** The first block; each further one lasts twice as long as the one before. */
  readonly blockMs: number
  readonly blockMaxMs: number
}

export type Cache = {
  /** Takes one request from every allowance, or from none when one of them is spent. Atomic. */
  spend(allowances: readonly Allowance[], nowMs: number): Promise<Spending>
  /**
   * Notes a failure, and answers how long the block lasts that it begins: 0 when it begins none.
   * What fails while the key is blocked does not count. A key whose last failure and last block
   * are `blockMaxMs` ago starts afresh. Atomic.
   */
  strike(key: string, rule: StrikeRule, nowMs: number): Promise<number>
  /** For how long the key is blocked; 0 when it is not. */
  blockedMs(key: string, nowMs: number): Promise<number>
  /** Forgets the failures of a key, not the length that its next block will have. */
  forgive(key: string): Promise<void>
  close(): Promise<void>
}
