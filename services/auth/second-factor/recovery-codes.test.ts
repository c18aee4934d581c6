import { expect, it } from 'vitest'
import { newRecoveryCodes, readRecoveryCode } from './recovery-codes.ts'

it('ten codes are given out, each of ten symbols out of 32: 50 bits', () => {
  const symbols = new Set<string>()
  for (let round = 0; round < 200; round += 1) {
    const codes = newRecoveryCodes()
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) {
      expect(code).toMatch(/^[0-9a-z]{5}-[0-9a-z]{5}$/)
      for (const symbol of code.replace('-', '')) symbols.add(symbol)
    }
  }
  expect(symbols.size).toBe(32)
  for (const ambiguous of 'ilou') expect(symbols).not.toContain(ambiguous)
})

it('a code is read as it was given out', () => {
  for (const code of newRecoveryCodes()) expect(readRecoveryCode(code)).toBe(code)
})

it.each([
  ['7K2MQ-X4T9W', '7k2mq-x4t9w'],
  ['0o0O0-1iIlL', '00000-11111'],
])('%s is read as %s: letters that look like digits are those', (typed, code) => {
  expect(readRecoveryCode(typed)).toBe(code)
})

it.each(['', '123456', '7k2mqx4t9w', '7k2mq-x4t9', '7k2mq-x4t9w ', '7k2mq_x4t9w'])(
  '%j is no recovery code',
  (typed) => {
    expect(readRecoveryCode(typed)).toBeUndefined()
  },
)
