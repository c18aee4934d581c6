import { EmailBody, RegisterBody } from '@cnop/contract/auth.ts'
import { describe, expect, it } from 'vitest'
import { bodyRules, fieldRule } from './field-rules.ts'

const { username, email, password, first_name } = RegisterBody.properties

describe('a rule of a field', () => {
  it.each([
    [username, 'abcdef', true],
    [username, 'abcde', false],
    [username, 'with space', false],
    [password, 'x'.repeat(12), true],
    [password, 'x'.repeat(11), false],
    [password, '🜁'.repeat(12), true],
    [email, 'name@example.org', true],
    [email, 'name@example', false],
    [email, 'name', false],
    [first_name, "Zoë d'Arc", true],
    [first_name, '7', false],
  ])('is that of the contract: %#', (schema, text, keeps) => {
    expect(fieldRule(schema).keeps(text)).toBe(keeps)
  })

  it('has a sentence for the one who types', () => {
    for (const schema of [username, email, password, first_name])
      expect(fieldRule(schema).says).toMatch(/\.$/)
  })

  it('is there for every field that a route takes', () => {
    const rules = bodyRules(EmailBody)
    expect(Object.keys(rules)).toEqual(['email', 'current_password'])
    expect(rules.email.keeps('name@example.org')).toBe(true)
    expect(rules.current_password.keeps('short')).toBe(false)
  })
})
