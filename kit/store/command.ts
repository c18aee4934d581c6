/** A transaction as an embedded store runs it: checked at the door, evaluated, then written. */
import { hash } from 'node:crypto'
import { decodeRow, encodeRow } from './row-codec.ts'
import {
  checkOps,
  checkRowBytes,
  checkToken,
  checkTransactionBytes,
  type SizedRow,
} from './row-rules.ts'
import type { Condition, Field, Key, Op, Row, TransactOptions } from './store.ts'
import { StoreFault } from './store.ts'

export type Command = {
  readonly ops: readonly Op[]
  /** The encoded row of each `put`, by position. */
  readonly putTexts: readonly (string | undefined)[]
  readonly token: string
  /** Equal for equal ops. */
  readonly fingerprint: string
}

/** `text` is the encoded row, `undefined` where the row is to go. */
export type Write = { readonly key: Key; readonly text: string | undefined }

export function createCommand(ops: readonly Op[], { token }: TransactOptions): Command {
  checkToken(token)
  checkOps(ops)
  const putTexts = ops.map((op) => (op.kind === 'put' ? encodePut(op.key, op.row) : undefined))
  const fingerprint = hash('sha256', ops.map(describeOp).join(''), 'base64')
  return { ops, putTexts, token, fingerprint }

  function describeOp(op: Op, position: number): string {
    const row = op.kind === 'update' ? encodeRow(op.set) : (putTexts[position] ?? '')
    return JSON.stringify([op.kind, op.key.pk, op.key.sk]) + row + describeCondition(op.when)
  }
}

/**
 * What the command writes, or a fault; nothing is written yet. `textAt` gives the stored row as it
 * stands, and is asked only where a condition or an update needs it.
 */
export function evaluateCommand(
  { ops, putTexts }: Command,
  textAt: (key: Key) => string | undefined,
): readonly Write[] {
  const rows = ops.map((op) => (op.when || op.kind === 'update' ? rowAt(op.key) : undefined))
  const failed = [...ops.keys()].filter((position) => {
    const when = ops[position]?.when
    return when !== undefined && !holds(when, rows[position])
  })
  if (failed.length > 0) {
    throw new StoreFault('condition-failed', `Condition failed at ${failed.join(', ')}`, { failed })
  }
  const written: SizedRow[] = []
  const writes = ops.flatMap((op, position): Write[] => {
    if (op.kind === 'check') return []
    if (op.kind === 'delete') return [{ key: op.key, text: undefined }]
    const row = op.kind === 'put' ? op.row : { ...rows[position], ...op.set }
    const text = putTexts[position] ?? encodePut(op.key, row)
    written.push({ key: op.key, row, text })
    return [{ key: op.key, text }]
  })
  checkTransactionBytes(written)
  return writes

  function rowAt(key: Key): Row | undefined {
    const text = textAt(key)
    return text === undefined ? undefined : decodeRow(text)
  }
}

/** The partitions a command changes, each once, in the order of its ops. */
export function partitionsWritten(writes: readonly Write[]): ReadonlySet<string> {
  return new Set(writes.map((write) => write.key.pk))
}

function encodePut(key: Key, row: Row): string {
  const text = encodeRow(row)
  checkRowBytes({ key, row, text })
  return text
}

function holds(when: Condition, row: Row | undefined): boolean {
  if ('absent' in when) return row === undefined
  if (row === undefined) return false
  return (
    Object.entries(when.equals ?? {}).every(([name, field]) => sameField(row[name], field)) &&
    Object.entries(when.atLeast ?? {}).every(([name, least]) => atLeast(row[name], least))
  )
}

function sameField(stored: Field | undefined, expected: Field): boolean {
  if (stored instanceof Uint8Array && expected instanceof Uint8Array) {
    return Buffer.compare(stored, expected) === 0
  }
  return stored === expected
}

function atLeast(stored: Field | undefined, least: bigint): boolean {
  return typeof stored === 'bigint' && stored >= least
}

function describeCondition(when: Condition | undefined): string {
  if (when === undefined) return ''
  if ('absent' in when) return 'absent'
  return encodeRow(when.equals ?? {}) + encodeRow(when.atLeast ?? {})
}
