import { t } from '../messages.ts'

/** How the fields about a person are called, and what the browser knows them by; `optional` is the form's to say. */
export const PERSON = {
  first_name: {
    name: 'first_name',
    label: t('First name'),
    quiet: true,
    autoComplete: 'given-name',
  },
  last_name: {
    name: 'last_name',
    label: t('Last name'),
    quiet: true,
    autoComplete: 'family-name',
  },
  phone: { name: 'phone', label: t('Telephone'), type: 'tel', autoComplete: 'tel' },
  date_of_birth: {
    name: 'date_of_birth',
    label: t('Date of birth'),
    type: 'date',
    autoComplete: 'bday',
  },
  marketing_emails_consent: {
    label: t('You may send me news by mail, now and then.'),
  },
} as const
