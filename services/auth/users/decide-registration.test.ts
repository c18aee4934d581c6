import { Problem } from '@cnop/contract/problem.ts'
import { describe, expect, it } from 'vitest'
import { decideRegistration } from './decide-registration.ts'

const decide = (usernameHolder: string | undefined, emailHolder: string | undefined) =>
  decideRegistration({ userId: 'ada', usernameHolder, emailHolder })

describe('a registration', () => {
  it('gets a name and an address that nobody has', () => {
    expect(decide(undefined, undefined)).toBe('free')
  })

  it('is refused by the name first, then by the address', () => {
    expect(() => decide('babbage', undefined)).toThrow(new Problem('username-taken'))
    expect(() => decide('babbage', 'babbage')).toThrow(new Problem('username-taken'))
    expect(() => decide(undefined, 'babbage')).toThrow(new Problem('email-taken'))
  })

  it('that was committed without an answer is not refused by itself', () => {
    expect(decide('ada', 'ada')).toBe('written')
  })
})
