import { Problem } from '@cnop/contract/problem.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideEmail, decideProfile, refuseTooYoung } from './decide-profile.ts'

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
const NOW = '2026-03-01T12:00:00.000Z'

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
  it('keeps what is left out and says when it was made', () => {
    expect(decideProfile(user, { lastName: 'Lovelace' }, NOW)).toEqual({
      ...user,
      lastName: 'Lovelace',
      updatedAt: NOW,
      version: 5n,
    })
  })
})

describe('a change of the address', () => {
  const decideWith = (email: string, holder?: string) =>
    decideEmail({ user, email, holder, now: NOW })

  it('may be to one that nobody or the user has, and nobody else', () => {
    const email = 'countess@example.org'
    const after = { ...user, email, emailVerified: false, updatedAt: NOW, version: 5n }
    expect(decideWith(email)).toEqual(after)
    expect(decideWith(email, 'ada')).toEqual(after)
    expect(() => decideWith(email, 'babbage')).toThrow(new Problem('email-taken'))
  })

  it('leaves an address verified that is spelled anew, and no other', () => {
    expect(decideWith('Ada@Example.ORG', 'ada').emailVerified).toBe(true)
    expect(decideWith('countess@example.org').emailVerified).toBe(false)
  })

  it('to the very same address is none', () => {
    expect(decideWith(user.email, 'ada')).toBe(user)
  })
})
