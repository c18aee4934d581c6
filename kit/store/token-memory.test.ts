import { expect, test } from 'vitest'
import { createTokenMemory } from './token-memory.ts'

const TEN_MINUTES_MS = 10 * 60 * 1000

test('a token is remembered for ten minutes and not longer', () => {
  let nowMs = 5_000
  const tokens = createTokenMemory({ now: () => nowMs })
  tokens.remember('t', 'ops')
  nowMs += TEN_MINUTES_MS - 1
  expect(tokens.applied('t', 'ops')).toBe(true)
  expect(() => tokens.applied('t', 'other ops')).toThrow('other ops')
  nowMs += 1
  expect(tokens.applied('t', 'ops')).toBe(false)
  expect(tokens.applied('t', 'other ops')).toBe(false)
})

test('a token forgotten was never applied', () => {
  const tokens = createTokenMemory({ now: () => 0 })
  tokens.remember('t', 'ops')
  tokens.forget('t')
  expect(tokens.applied('t', 'other ops')).toBe(false)
})

test('the memory is bounded, and the oldest tokens go first', () => {
  const tokens = createTokenMemory({ now: () => 0, tokensMax: 4 })
  for (const token of ['a', 'b', 'c', 'd', 'e']) tokens.remember(token, 'ops')
  const known = ['a', 'b', 'e'].filter((token) => tokens.applied(token, 'ops'))
  expect(known).toStrictEqual(['e'])
})
