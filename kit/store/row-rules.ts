/**
 * The rules every adapter applies before it touches a row, so that all of them refuse alike.
 * A limit is refused as `too-large`; what no store could mean (an empty key, a key twice, a field
 * of another kind) is a TypeError, because it is a mistake in the program and not in its data.
 */
import {
  type Condition,
  type Field,
  type Key,
  type Op,
  type QueryRange,
  type Row,
  STORE_LIMITS,
  StoreFault,
} from './store.ts'

/** The names of the key's own attributes, and the one name an object cannot hold as data. */
const RESERVED_FIELD_NAMES = new Set(['pk', 'sk', '__proto__'])
const KEY_NAMES_BYTES = 'pk'.length + 'sk'.length
const INTEGER_BOUND = 10n ** BigInt(STORE_LIMITS.digitsMax)

/** Orders text by its UTF-8 bytes, where every surrogate pair comes after the rest. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) return utf8Rank(a) - utf8Rank(b)
  }
  return left.length - right.length
}

function utf8Rank(codeUnit: number): number {
  const surrogate = codeUnit >= 0xd800 && codeUnit <= 0xdfff
  return surrogate ? codeUnit + 0x10000 : codeUnit
}

export type Bound = { readonly sk: string; readonly inclusive: boolean }
export type Bounds = { readonly low: Bound; readonly high: Bound | undefined }

/** Below every key, because no key is empty. */
const LOWEST: Bound = { sk: '', inclusive: false }

/** The narrowest bounds that `from`, `to` and `after` leave, so that a late page costs no more. */
export function boundsOf({ from, to, after, reverse = false }: QueryRange): Bounds {
  const low = from === undefined ? LOWEST : { sk: from, inclusive: true }
  const high = to === undefined ? undefined : { sk: to, inclusive: true }
  if (after === undefined) return { low, high }
  const behind = { sk: after, inclusive: false }
  if (reverse) return { low, high: high && compareKeys(high.sk, after) < 0 ? high : behind }
  return { low: compareKeys(low.sk, after) > 0 ? low : behind, high }
}

export function checkSnapshot(keys: readonly Key[]): void {
  if (keys.length > STORE_LIMITS.keysPerSnapshotMax) {
    throw tooLarge(`A snapshot reads at most ${STORE_LIMITS.keysPerSnapshotMax} keys`)
  }
  checkDistinctKeys(keys)
}

export function checkOps(ops: readonly Op[]): void {
  if (ops.length === 0) throw new TypeError('A transaction needs at least one op')
  if (ops.length > STORE_LIMITS.opsPerTransactionMax) {
    throw tooLarge(`A transaction holds at most ${STORE_LIMITS.opsPerTransactionMax} ops`)
  }
  checkDistinctKeys(ops.map((op) => op.key))
  for (const op of ops) checkOp(op)
}

export function checkToken(token: string): void {
  if (token === '') throw new TypeError('A token is not empty')
  checkText(token, 'A token')
}

export function checkQuery(pk: string, range: QueryRange): void {
  checkKeyText(pk, 'A partition key', STORE_LIMITS.partitionKeyBytesMax)
  checkLimit(range.limit)
  for (const bound of [range.from, range.to, range.after]) {
    if (bound !== undefined) checkKeyText(bound, 'A bound', STORE_LIMITS.sortKeyBytesMax)
  }
}

export function checkLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new TypeError('A limit is a whole number of at least 1')
  }
  if (limit > STORE_LIMITS.queryRowsMax) {
    throw tooLarge(`A page holds at most ${STORE_LIMITS.queryRowsMax}`)
  }
}

/** Where a list of partitions continues: a partition key, or `''` for the first of them. */
export function checkPartitionsAfter(after: string): void {
  if (after !== '') checkKeyText(after, 'A partition key', STORE_LIMITS.partitionKeyBytesMax)
}

/** `text` is the row as `encodeRow` wrote it. */
export type SizedRow = { readonly key: Key; readonly row: Row; readonly text: string }

export function checkRowBytes(sized: SizedRow): void {
  if (totalBytes([sized], STORE_LIMITS.rowBytesMax) > STORE_LIMITS.rowBytesMax) {
    throw tooLarge(`A row holds at most ${STORE_LIMITS.rowBytesMax} bytes`)
  }
}

export function checkTransactionBytes(rows: readonly SizedRow[]): void {
  if (totalBytes(rows, STORE_LIMITS.transactionBytesMax) > STORE_LIMITS.transactionBytesMax) {
    throw tooLarge(`A transaction writes at most ${STORE_LIMITS.transactionBytesMax} bytes`)
  }
}

export function checkSnapshotBytes(rows: readonly SizedRow[]): void {
  if (totalBytes(rows, STORE_LIMITS.snapshotBytesMax) > STORE_LIMITS.snapshotBytesMax) {
    throw tooLarge(`A snapshot reads at most ${STORE_LIMITS.snapshotBytesMax} bytes`)
  }
}

/**
 * The size DynamoDB counts. The encoded text is never smaller than that, and one UTF-16 unit never
 * more than three bytes, so rows far from the limit, which is nearly all, are not measured.
 */
function totalBytes(rows: readonly SizedRow[], bytesMax: number): number {
  let atMost = 0
  for (const { key, text } of rows) {
    atMost += 3 * (key.pk.length + key.sk.length + text.length) + KEY_NAMES_BYTES
  }
  if (atMost <= bytesMax) return atMost
  return rows.reduce((sum, { key, row }) => sum + itemBytes(key, row), 0)
}

/** The size of an item in DynamoDB: the names and values of all its attributes, the key's too. */
export function itemBytes(key: Key, row: Row): number {
  let bytes = KEY_NAMES_BYTES + Buffer.byteLength(key.pk) + Buffer.byteLength(key.sk)
  for (const [name, field] of Object.entries(row)) {
    bytes += Buffer.byteLength(name) + fieldBytes(field)
  }
  return bytes
}

function fieldBytes(field: Field): number {
  switch (typeof field) {
    case 'string':
      return Buffer.byteLength(field)
    case 'bigint':
      return integerBytes(field)
    case 'boolean':
      return 1
    default:
      return field.byteLength
  }
}

/** One byte for each two digits, one more for all, one more for the sign of a negative number. */
function integerBytes(integer: bigint): number {
  const digits = integer.toString().replace('-', '').length
  return Math.ceil(digits / 2) + (integer < 0n ? 2 : 1)
}

function checkDistinctKeys(keys: readonly Key[]): void {
  const seen = new Set<string>()
  for (const { pk, sk } of keys) {
    checkKeyText(pk, 'A partition key', STORE_LIMITS.partitionKeyBytesMax)
    checkKeyText(sk, 'A sort key', STORE_LIMITS.sortKeyBytesMax)
    seen.add(`${pk.length}:${pk}${sk}`)
  }
  if (seen.size < keys.length) throw new TypeError('A key is named twice')
}

function checkKeyText(text: string, what: string, bytesMax: number): void {
  if (text === '') throw new TypeError(`${what} is not empty`)
  checkText(text, what)
  if (text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax) {
    throw tooLarge(`${what} holds at most ${bytesMax} bytes`)
  }
}

function checkOp(op: Op): void {
  if (op.kind === 'put') checkRow(op.row)
  if (op.kind === 'update') checkSet(op.set)
  if (op.when !== undefined) checkCondition(op.when)
  if (fieldsNamed(op) > STORE_LIMITS.fieldsPerOpMax) {
    throw tooLarge(`An op names at most ${STORE_LIMITS.fieldsPerOpMax} fields`)
  }
}

function checkSet(set: Row): void {
  if (Object.keys(set).length === 0) throw new TypeError('An update sets at least one field')
  checkRow(set)
}

function checkCondition(when: Condition): void {
  if ('absent' in when) return
  if (when.equals) checkRow(when.equals)
  if (when.atLeast) checkRow(when.atLeast)
}

function fieldsNamed({ when, ...op }: Op): number {
  const set = op.kind === 'update' ? Object.keys(op.set).length : 0
  if (when === undefined || 'absent' in when) return set
  return set + Object.keys(when.equals ?? {}).length + Object.keys(when.atLeast ?? {}).length
}

function checkRow(row: Row): void {
  for (const name of Object.keys(row)) {
    if (name === '' || RESERVED_FIELD_NAMES.has(name)) {
      throw new TypeError(`A field cannot be named '${name}'`)
    }
    checkText(name, 'The name of a field')
    checkField(name, row[name])
  }
}

function checkField(name: string, field: unknown): void {
  switch (typeof field) {
    case 'string':
      checkText(field, `Field ${name}`)
      break
    case 'bigint':
      if (field >= INTEGER_BOUND || field <= -INTEGER_BOUND) {
        throw tooLarge(`Field ${name} has more than ${STORE_LIMITS.digitsMax} digits`)
      }
      break
    case 'boolean':
      break
    default:
      if (!(field instanceof Uint8Array)) {
        throw new TypeError(`Field ${name} is not text, a whole number, a truth value or bytes`)
      }
  }
}

/** Half a surrogate pair has no UTF-8 bytes: it would come back as another text. */
function checkText(text: string, what: string): void {
  if (!text.isWellFormed()) throw new TypeError(`${what} is not well-formed text`)
}

function tooLarge(message: string): StoreFault {
  return new StoreFault('too-large', message)
}
