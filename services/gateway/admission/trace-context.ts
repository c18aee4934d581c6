/** W3C Trace Context: a caller's trace goes on, and one begins where none came. */
import { randomBytes } from 'node:crypto'

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** The header as given where it is well formed, else a new one, not sampled. */
export function traceparentOf(given: string | string[] | undefined): string {
  if (typeof given === 'string' && TRACEPARENT.test(given)) return given
  const ids = randomBytes(24).toString('hex')
  return `00-${ids.slice(0, 32)}-${ids.slice(32)}-00`
}

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35)
