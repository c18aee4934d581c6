/**
 * What every store promises, tried on one adapter. Two adapters that give the same transcript
 * answered every call of every case alike.
 */
import { createHash } from 'node:crypto'
import { describe, test } from 'vitest'
import { CONCURRENCY_CASES } from './conformance/concurrency-conformance.ts'
import { CONDITION_CASES } from './conformance/condition-conformance.ts'
import { FEED_CASES } from './conformance/feed-conformance.ts'
import { LIMIT_CASES } from './conformance/limit-conformance.ts'
import { QUERY_CASES } from './conformance/query-conformance.ts'
import { ROW_CASES } from './conformance/row-conformance.ts'
import { describeRefusal, type StoreCase } from './conformance/store-case.ts'
import type { Store } from './store.ts'

export const STORE_CASES: readonly StoreCase[] = [
  ...ROW_CASES,
  ...CONDITION_CASES,
  ...LIMIT_CASES,
  ...QUERY_CASES,
  ...FEED_CASES,
  ...CONCURRENCY_CASES,
]

/** The lines of each case, by its title. */
export type StoreTranscript = ReadonlyMap<string, readonly string[]>

/** A slow store under contention needs more than the usual time. */
const CASE_MS_MAX = 60_000
const LINE_MAX = 500

/** `open` gives an empty store, which the suite closes. The transcript fills as the cases run. */
export function storeConformance(
  name: string,
  open: () => Promise<Store>,
  cases: readonly StoreCase[] = STORE_CASES,
): StoreTranscript {
  const transcript = new Map<string, readonly string[]>()
  describe(`the ${name} store`, () => {
    for (const { title, run } of cases) {
      test(title, { timeout: CASE_MS_MAX }, async () => {
        const lines: string[] = []
        transcript.set(title, lines)
        const unheard = await open()
        try {
          await run({
            store: recordCalls(unheard, lines),
            unheard,
            note: (line) => lines.push(line),
          })
        } finally {
          await unheard.close()
        }
      })
    }
  })
  return transcript
}

function recordCalls(store: Store, lines: string[]): Store {
  return {
    snapshot: (keys) => record(() => store.snapshot(keys), ['snapshot', keys]),
    query: (pk, range) => record(() => store.query(pk, range), ['query', pk, range]),
    transact: (ops, options) => record(() => store.transact(ops, options), ['transact', ops]),
    changes: (after, limit) => record(() => store.changes(after, limit), ['changes', limit]),
    partitions: (after, limit) =>
      record(() => store.partitions(after, limit), ['partitions', after, limit]),
    close: () => record(() => store.close(), ['close']),
  }

  async function record<Answer>(call: () => Promise<Answer>, asked: readonly unknown[]) {
    const question = describeValue(asked)
    try {
      const answer = await call()
      lines.push(`${question} -> ${describeValue(answer)}`)
      return answer
    } catch (error) {
      lines.push(`${question} -> ${describeRefusal(error)}`)
      throw error
    }
  }
}

/** Exact, and long values by their hash. Fields are in the order of their names. */
function describeValue(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`
    if (part instanceof Uint8Array) return { bytes: Buffer.from(part).toString('hex') }
    if (part === undefined) return { nothing: true }
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
  if (text.length <= LINE_MAX) return text
  return `${text.slice(0, 40)}… ${createHash('sha256').update(text).digest('hex')}`
}
