import type { updateProfile } from '@cnop/contract/auth.ts'
import type { BodyOf } from '@cnop/contract/route.ts'

export type ProfileForm = {
  readonly first_name: string
  readonly last_name: string
  readonly phone: string
  readonly date_of_birth: string
  readonly marketing_emails_consent: boolean
}

/** What a profile looks like in its form; what it has not is empty there. */
export const formOf = (profile: Partial<ProfileForm>): ProfileForm => ({
  first_name: profile.first_name ?? '',
  last_name: profile.last_name ?? '',
  phone: profile.phone ?? '',
  date_of_birth: profile.date_of_birth ?? '',
  marketing_emails_consent: profile.marketing_emails_consent ?? false,
})

/** Only what differs from before: what is left out stays, whoever changes it meanwhile. */
export const changesIn = (typed: ProfileForm, before: ProfileForm): BodyOf<typeof updateProfile> =>
  Object.fromEntries(
    Object.entries(typed).filter(
      ([name, value]) => value !== before[name as keyof ProfileForm] && value !== '',
    ),
  )
