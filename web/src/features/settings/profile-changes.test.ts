import { describe, expect, it } from 'vitest'
import { changesIn, formOf } from './profile-changes.ts'

const BEFORE = formOf({ first_name: 'Ada', last_name: 'Lovelace', phone: '+15555550100' })

describe('a changed profile', () => {
  it('says only what has changed', () => {
    const typed = { ...BEFORE, last_name: 'King', marketing_emails_consent: true }
    expect(changesIn(typed, BEFORE)).toEqual({ last_name: 'King', marketing_emails_consent: true })
  })

  it('says nothing where nothing has', () => {
    expect(changesIn(BEFORE, BEFORE)).toEqual({})
  })

  it('never says that something is empty', () => {
    expect(changesIn({ ...BEFORE, phone: '' }, BEFORE)).toEqual({})
  })
})
