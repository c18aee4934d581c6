/** A person's details as the wire names them, and as they are kept. */
import type { Profile, RegisterBody, updateProfile } from '@cnop/contract/auth.ts'
import type { BodyOf } from '@cnop/contract/route.ts'
import { withoutAbsent } from '@cnop/kit/store/row-fields.ts'
import type { Details, ProfileChanges, User } from './user-rows.ts'

export const detailsOf = (body: RegisterBody): Details => ({
  email: body.email,
  firstName: composed(body.first_name),
  lastName: composed(body.last_name),
  phone: body.phone && dialled(body.phone),
  dateOfBirth: body.date_of_birth,
  marketingEmailsConsent: body.marketing_emails_consent ?? false,
})

/** Only what was given. */
export const changesOf = (body: BodyOf<typeof updateProfile>): ProfileChanges =>
  withoutAbsent({
    firstName: body.first_name && composed(body.first_name),
    lastName: body.last_name && composed(body.last_name),
    phone: body.phone && dialled(body.phone),
    dateOfBirth: body.date_of_birth,
    marketingEmailsConsent: body.marketing_emails_consent,
  })

export function profileOf(user: User): Profile {
  return withoutAbsent({
    user_id: user.userId,
    username: user.username,
    email: user.email,
    email_verified: user.emailVerified,
    first_name: user.firstName,
    last_name: user.lastName,
    phone: user.phone,
    date_of_birth: user.dateOfBirth,
    marketing_emails_consent: user.marketingEmailsConsent,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  })
}

/** An accent typed as a letter of its own and one typed with its letter are one name. */
const composed = (name: string): string => name.normalize('NFC')

/** Digits, and the plus of an international number: what is dialled. */
const dialled = (phone: string): string => phone.replace(/[^+0-9]/g, '')
