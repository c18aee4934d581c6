import { describe, expect, test } from 'vitest'
import { traceIdOf, traceparentOf } from './trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('a trace', () => {
  test.each([`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-00`, `cc-${TRACE}-${SPAN}-09`])(
    'that came well formed goes on: %s',
    (given) => {
      expect(traceparentOf(given)).toBe(given)
      expect(traceIdOf(given)).toBe(TRACE)
    },
  )

  test.each([
    undefined,
    '',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-01\r\nx: y`,
    [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`],
  ])('begins anew instead of %j', (given) => {
    const made = traceparentOf(given)
    expect(made).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    expect(traceparentOf(made)).toBe(made)
    expect(traceparentOf(given)).not.toBe(made)
  })
})
