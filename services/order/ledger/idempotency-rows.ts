/**
 * What was answered to a request with a given key. An answer that changed something is kept in
 * its journal event, by sequence; one that changed nothing (a refusal) is kept here, as its bytes.
 */

import { countIn, textIn, unitsIn } from '@cnop/kit/store/row-fields.ts'
import type { Key, Row } from '@cnop/kit/store/store.ts'
import { partitionOf } from './account-rows.ts'

export const IDEMPOTENCY_PREFIX = 'I#'

export const idempotencyKey = (userId: string, key: string): Key => ({
  pk: partitionOf(userId),
  sk: `${IDEMPOTENCY_PREFIX}${key}`,
})

export const IDEMPOTENCY_RANGE = { from: IDEMPOTENCY_PREFIX, to: 'I$' } as const

export const IDEMPOTENCY_LIFE_SECONDS = 30n * 24n * 3600n

export type KeptAnswer = {
  /** Of the request: another one under the same key is refused. */
  readonly fingerprint: string
  /** Epoch seconds; from then on the key is free again. */
  readonly expires: bigint
} & ({ readonly seq: bigint } | { readonly status: number; readonly body: string })

export function loadKeptAnswer(row: Row): KeptAnswer {
  const common = { fingerprint: textIn(row, 'fingerprint'), expires: unitsIn(row, 'expires') }
  return row['seq'] === undefined
    ? { ...common, status: countIn(row, 'status'), body: textIn(row, 'body') }
    : { ...common, seq: unitsIn(row, 'seq') }
}

export function storeKeptAnswer(answer: KeptAnswer): Row {
  const { fingerprint, expires } = answer
  return 'seq' in answer
    ? { fingerprint, expires, seq: answer.seq }
    : { fingerprint, expires, status: BigInt(answer.status), body: answer.body }
}
