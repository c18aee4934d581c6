/** W3C Trace Context: a caller's trace goes on, and one begins where none came. */
import { randomUUID } from 'node:crypto'

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** The header as given where it is well formed, else a new one, not sampled. */
export function traceparentOf(given: string | string[] | undefined): string {
  if (typeof given === 'string' && TRACEPARENT.test(given)) return given
  return `00-${randomHex()}-${randomHex().slice(16)}-00`
}

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35)

/** 32 digits. An identifier is drawn from a store of random bytes, which is much cheaper than bytes. */
const randomHex = (): string => randomUUID().replaceAll('-', '')
