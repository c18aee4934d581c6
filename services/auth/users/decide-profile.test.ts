import { Problem } from '@cnop/contract/problem.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideProfile, refuseTooYoung } from './decide-profile.ts'

const isOldEnough = (dateOfBirth: string, now: string): boolean => {
  try {
    refuseTooYoung(dateOfBirth, now)
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid-input', errors: [{ field: 'date_of_birth' }] })
    return false
  }
}

describe('the least age', () => {
  it.each([
    ['2013-03-01', '2026-03-01T00:00:00.000Z', true],
    ['2013-03-02', '2026-03-01T23:59:59.999Z', false],
    ['2012-02-29', '2025-02-28T12:00:00.000Z', false],
    ['2012-02-29', '2025-03-01T00:00:00.000Z', true],
    ['0001-01-01', '2026-03-01T00:00:00.000Z', true],
    ['2027-01-01', '2026-03-01T00:00:00.000Z', false],
    ['9999-12-31', '2026-03-01T00:00:00.000Z', false],
  ])('born on %s, at %s: old enough is %s', (dateOfBirth, now, oldEnough) => {
    expect(isOldEnough(dateOfBirth, now)).toBe(oldEnough)
  })

  it('is thirteen years of the calendar for every day', () => {
    const day = fc.date({
      min: new Date('1900-01-01'),
      max: new Date('2100-12-31'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(day, day, (born, now) => {
        const thirteenth = new Date(born)
        thirteenth.setUTCFullYear(born.getUTCFullYear() + 13)
        thirteenth.setUTCHours(0, 0, 0, 0)
        expect(isOldEnough(born.toISOString().slice(0, 10), now.toISOString())).toBe(
          thirteenth <= now,
        )
      }),
    )
  })
})

describe('a change of the profile', () => {
  const user = {
    userId: 'ada',
    username: 'ada_lovelace',
    email: 'ada@example.org',
    emailVerified: true,
    firstName: 'Ada',
    lastName: 'Byron',
    phone: '+441234567890',
    dateOfBirth: undefined,
    marketingEmailsConsent: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    version: 4n,
  }
  const now = '2026-03-01T12:00:00.000Z'

  it('keeps what is left out and says when it was made', () => {
    const changes = { lastName: 'Lovelace' }
    expect(decideProfile({ user, changes, emailHolder: undefined, now })).toEqual({
      ...user,
      lastName: 'Lovelace',
      updatedAt: now,
      version: 5n,
    })
  })

  it('may name an address that nobody or the user has, and nobody else', () => {
    const changes = { email: 'countess@example.org' }
    const decideWith = (emailHolder: string | undefined) =>
      decideProfile({ user, changes, emailHolder, now }).email
    expect(decideWith(undefined)).toBe('countess@example.org')
    expect(decideWith('ada')).toBe('countess@example.org')
    expect(() => decideWith('babbage')).toThrow(new Problem('email-taken'))
  })

  it('leaves an address verified that is spelled anew, and no other', () => {
    const verifiedWith = (changes: Partial<typeof user>) =>
      decideProfile({ user, changes, emailHolder: 'ada', now }).emailVerified
    expect(verifiedWith({ lastName: 'Lovelace' })).toBe(true)
    expect(verifiedWith({ email: 'Ada@Example.ORG' })).toBe(true)
    expect(verifiedWith({ email: 'countess@example.org' })).toBe(false)
  })
})
