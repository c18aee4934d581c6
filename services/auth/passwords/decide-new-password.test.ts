import { Problem } from '@cnop/contract/problem.ts'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { describe, expect, it } from 'vitest'
import { readCommonPasswords } from './common-passwords.ts'
import { refuseSamePassword, refuseWeakPassword } from './decide-new-password.ts'

const common = readCommonPasswords()

/** The sentence at the field, or nothing for a password that may be chosen. */
function faultOf(password: string, person: { username?: string; email?: string } = {}) {
  const { username = 'ada_lovelace', email = 'countess@example.org' } = person
  try {
    refuseWeakPassword({ password, field: 'new_password', username, email }, common)
    return undefined
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'invalid-input') throw error
    expect(error.errors).toHaveLength(1)
    expect(error.errors[0]?.field).toBe('new_password')
    return error.errors[0]?.message
  }
}

describe('a new password', () => {
  it.each([
    'correct horse battery staple',
    'correct horse battery',
    'paper-money-only',
    'pâté de canard',
    'Tr0ub4dor&3-and-more',
    'x9#kQ2!vL7@p',
    '830174629518',
    'dragon-83k17w46n2p9',
    'cnop holds my herring',
    'cnop-830174629518',
    'a cloud over native land',
    'ночь улица фонарь аптека',
    '春眠暁を覚えず処処啼鳥を聞く',
  ])('may be %j', (password) => {
    expect(faultOf(password)).toBeUndefined()
  })

  it.each([
    ['eleven ch 1', '12 to 128'],
    [`${'a1'.repeat(6)}`, 'Repeating'],
    ['aaaaaaaaaaaa', 'Repeating'],
    ['abcabcabcabcab', 'Repeating'],
    ['horse!horse!horse!', 'Repeating'],
    ['🔑'.repeat(64), 'Repeating'],
    ['abcdefghijkl', 'Neighbours'],
    ['zyxwvutsrqponm', 'Neighbours'],
    ['123456789012', 'Neighbours'],
    ['0987654321098', 'Neighbours'],
    ['qwertyuiop[]', 'Neighbours'],
    ['qwertzuiopü+', 'Neighbours'],
    ['QWERTYasdfgh', 'Neighbours'],
    ['1qaz2wsx3edc', 'Neighbours'],
    ['abcdef123456', 'Neighbours'],
    ['aaaaaabbbbbb', 'Neighbours'],
    ['unbelievable', 'guessers'],
    ['UnBelievable', 'guessers'],
    ['password2024', 'guessers'],
    ['Password123456!', 'guessers'],
    ['2024password!!', 'guessers'],
    ['dragondragon1', 'guessers'],
    ['iloveyouiloveyou2', 'guessers'],
    ['!!!sunshine19870412', 'guessers'],
    ['CNOP-2026-2026', 'platform'],
    ['cnop cnop 123', 'platform'],
    ['Cloud Native Order Processor!', 'platform'],
    ['CloudNative2026', 'platform'],
    ['cnop-password-1', 'platform'],
  ])('may not be %j', (password, why) => {
    expect(faultOf(password)).toContain(why)
  })

  it('counts its length in characters, however they are typed and encoded', () => {
    const length = '12 to 128'
    const eleven = 'pâté-gâteau'
    expect([...eleven.normalize('NFC')]).toHaveLength(11)
    expect([...eleven.normalize('NFD')].length).toBeGreaterThan(12)
    expect(faultOf(eleven.normalize('NFC'))).toContain(length)
    expect(faultOf(eleven.normalize('NFD'))).toContain(length)
    expect(faultOf('🔑🐎🔋📎🎲🌙')).toContain(length)
    expect(faultOf('🔑🐎🔋📎🎲🌙🧭🪁🦉🍐🧵🚲')).toBeUndefined()
    const longest = Array.from({ length: 128 }, (_, i) => String.fromCodePoint(0x4e00 + i * 7))
    expect(faultOf(longest.join(''))).toBeUndefined()
    expect(faultOf(`${longest.join('')}x`)).toContain(length)
  })

  it('may hold neither the user name nor the mailbox of its owner', () => {
    expect(faultOf('my ADA_lovelace key')).toContain('user name')
    expect(faultOf('the Countess is here')).toContain('e-mail')
    expect(faultOf('the Countess is here', { email: 'earl@example.org' })).toBeUndefined()
    expect(faultOf('any words of mine', { email: 'an@example.org' })).toBeUndefined()
  })

  it('of random letters and digits is not refused', () => {
    const keys = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    const chance = createChance(7)
    const key = () => keys[Math.floor(chance() * keys.length)]
    const texts = Array.from({ length: 2_000 }, () => Array.from({ length: 14 }, key).join(''))
    const refused = texts.filter((text) => faultOf(text) !== undefined)
    expect(refused).toEqual([])
  })

  it('may not be the present one, however its accents are typed', () => {
    const present = 'pâté de canard'
    expect(() => refuseSamePassword(present.normalize('NFC'), present.normalize('NFD'))).toThrow(
      expect.objectContaining({ code: 'invalid-input', errors: [expect.anything()] }),
    )
    expect(() => refuseSamePassword(present, 'pâté de campagne')).not.toThrow()
  })
})

describe('the list of common passwords', () => {
  it('has thousands, every one in the form that is looked up', () => {
    expect(common.size).toBeGreaterThan(6_000)
    for (const password of common) {
      expect(password).toBe(password.normalize('NFC').toLowerCase().trim())
      expect(password).not.toBe('')
    }
  })

  it('refuses every one of its own that is long enough', () => {
    const long = [...common].filter((password) => [...password].length >= 12)
    expect(long.length).toBeGreaterThan(300)
    for (const password of long) expect(faultOf(password)).toBeDefined()
  })
})
