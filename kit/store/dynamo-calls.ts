/**
 * Calls to DynamoDB: each bounded in time, sent again a few times where that can do no harm, and
 * counted. The SDK's own retries are off, so that nothing is repeated that is not counted here.
 */
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Capacity, ConsumedCapacity } from '@aws-sdk/client-dynamodb'
import { type CallKind, type FailedCall, failedCall } from './dynamo-faults.ts'
import { StoreFault } from './store.ts'

export type Operation =
  | 'GetItem'
  | 'TransactGetItems'
  | 'Query'
  | 'Scan'
  | 'TransactWriteItems'
  | 'DescribeTable'
  | 'DescribeStream'
  | 'GetShardIterator'
  | 'GetRecords'

/** What happened to the calls of a store, for its metrics. */
export type DynamoFigures = {
  /** Capacity that DynamoDB says an answered call has cost. */
  readonly onConsumed: (operation: Operation, kind: 'read' | 'write', units: number) => void
  /** An answer took so long, a refusal too. */
  readonly onCall: (operation: Operation, durationMs: number) => void
  readonly onThrottled: (operation: Operation, reason: string) => void
  /** A call is sent once more. */
  readonly onRepeated: (operation: Operation, reason: string) => void
}

export type DynamoCalls = {
  /** Throws a `StoreFault`; for `transact` only `outcome-unknown` may have been applied. */
  call<Output extends Answered>(
    operation: Operation,
    send: (options: { abortSignal: AbortSignal }) => Promise<Output>,
  ): Promise<Output>
}

export type Answered = {
  readonly $metadata: unknown
  readonly ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[] | undefined
}

export type CallBounds = {
  /** How long one call may take, from connecting to the last byte of the answer. */
  readonly timeoutMs: number
  readonly attemptsMax: number
}

const PAUSE_FIRST_MS = 20
const PAUSE_MAX_MS = 400

export function createDynamoCalls({
  bounds: { timeoutMs, attemptsMax },
  figures,
}: {
  bounds: CallBounds
  figures: DynamoFigures | undefined
}): DynamoCalls {
  return { call }

  async function call<Output extends Answered>(
    operation: Operation,
    send: (options: { abortSignal: AbortSignal }) => Promise<Output>,
  ): Promise<Output> {
    const kind: CallKind = operation === 'TransactWriteItems' ? 'transact' : 'read'
    for (let attempt = 1; ; attempt += 1) {
      const startedMs = performance.now()
      try {
        const output = await send({ abortSignal: AbortSignal.timeout(timeoutMs) })
        countCapacity(operation, kind, output)
        figures?.onCall(operation, performance.now() - startedMs)
        return output
      } catch (failure) {
        figures?.onCall(operation, performance.now() - startedMs)
        await pausedToRepeat(operation, failedCall(failure, kind), attempt)
      }
    }
  }

  /** Resolves when the call is to be sent once more; throws what it met when it is not. */
  async function pausedToRepeat(
    operation: Operation,
    { error, throttling, passing }: FailedCall,
    attempt: number,
  ): Promise<void> {
    for (const reason of throttling) figures?.onThrottled(operation, reason)
    if (!passing || attempt >= attemptsMax) throw error
    figures?.onRepeated(operation, error instanceof StoreFault ? error.code : 'defect')
    // The whole pause is left to chance: those that were refused together come back apart.
    await pause(Math.random() * Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** attempt))
  }

  function countCapacity(operation: Operation, kind: CallKind, output: Answered): void {
    if (figures === undefined) return
    const units = [output.ConsumedCapacity ?? []]
      .flat()
      .reduce((sum, { CapacityUnits = 0 }: Capacity) => sum + CapacityUnits, 0)
    if (units > 0) figures.onConsumed(operation, kind === 'read' ? 'read' : 'write', units)
  }
}
