import { expect, it } from 'vitest'
import { strengthOf } from './password-strength.ts'

it.each(['aaaaaaaaaaaaaaaa', '123456789012345', 'abcdefghijklmnop', 'lalalalalalalalala'])(
  '%s is easy to guess, however long',
  (password) => expect(strengthOf(password)).toBe('weak'),
)

it('length is what makes it hard, of whatever letters', () => {
  expect(strengthOf('kite rum sloe')).toBe('fair')
  expect(strengthOf('correct horse battery staple')).toBe('strong')
})

it('what a stranger knows of somebody counts for nothing', () => {
  expect(strengthOf('ada_lovelace-2026')).not.toBe('weak')
  expect(strengthOf('ada_lovelace-2026', ['ada_lovelace'])).toBe('weak')
})
