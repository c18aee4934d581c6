/** Calls of a store, their answers and their faults as text. */
import { StoreFault, type StoreFaultCode } from '@cnop/kit/store/store.ts'

export const STORE_CALLS = ['snapshot', 'query', 'transact', 'changes', 'partitions'] as const
export type StoreCall = (typeof STORE_CALLS)[number]

export type Said =
  | { readonly answer: unknown }
  | { readonly fault: Told }
  | { readonly wrong: string }
type Told = {
  readonly code: StoreFaultCode
  readonly message: string
  readonly failed: readonly number[]
}

export const written = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return { $big: part.toString() }
    if (part instanceof Uint8Array) return { $bytes: Buffer.from(part).toString('base64') }
    return part === undefined ? { $none: true } : part
  })

export const read = (text: string): unknown => JSON.parse(text, revive)

function revive(_: string, part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part
  if ('$big' in part) return BigInt(part.$big as string)
  if ('$bytes' in part) return Uint8Array.from(Buffer.from(part.$bytes as string, 'base64'))
  return part
}

/** `JSON.parse` drops what a reviver makes `undefined`, so absent rows are put back here. */
export const withAbsent = (rows: unknown): unknown =>
  Array.isArray(rows) ? rows.map((row) => (isNone(row) ? undefined : row)) : rows

const isNone = (row: unknown): boolean => typeof row === 'object' && row !== null && '$none' in row

export function saidOf(error: unknown): Said {
  if (error instanceof StoreFault)
    return { fault: { code: error.code, message: error.message, failed: error.failed } }
  return { wrong: error instanceof Error ? error.message : String(error) }
}

export function faultIn({ code, message, failed }: Told): StoreFault {
  return new StoreFault(code, message, { failed })
}
