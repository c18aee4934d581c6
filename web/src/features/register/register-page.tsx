import { RegisterBody, register } from '@cnop/contract/auth.ts'
import { login } from '@cnop/contract/session.ts'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useForm } from 'react-hook-form'
import { ask, session } from '../../client/door.ts'
import { fieldRule } from '../../client/field-rules.ts'
import { showRefusal } from '../../client/form-refusal.ts'
import { PERSON } from '../../client/person-fields.ts'
import { RuleField } from '../../client/rule-field.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { t } from '../../messages.ts'
import { Checkbox } from '../../ui/field.tsx'
import { FormPage, SheetForm } from '../../ui/form-page.tsx'

const route = getRouteApi('/register')
const { username, email, password, first_name, last_name, phone, date_of_birth } =
  RegisterBody.properties

const RULES = {
  username: fieldRule(username),
  email: fieldRule(email),
  password: fieldRule(password),
  first_name: fieldRule(first_name),
  last_name: fieldRule(last_name),
  phone: fieldRule(phone),
  date_of_birth: fieldRule(date_of_birth),
}
const FIELDS = Object.keys(RULES) as readonly (keyof typeof RULES)[]
const TEXTS = Object.fromEntries(FIELDS.map((name) => [name, ''])) as Record<
  keyof typeof RULES,
  string
>
const START = { ...TEXTS, marketing_emails_consent: false }

export function RegisterPage() {
  useTitle(t('Open an account'))
  const { next = '/dashboard' } = route.useSearch()
  const navigate = useNavigate()
  const form = useForm({ defaultValues: START, mode: 'onTouched' })

  const open = form.handleSubmit(async (typed) => {
    try {
      await ask(register, { body: bodyOf(typed) })
      const { username: name, password: secret } = typed
      session.begin(await ask(login, { body: { username: name, password: secret } }))
      await navigate({ to: next })
    } catch (error) {
      const fieldOf = { 'username-taken': 'username', 'email-taken': 'email' }
      showRefusal(error, { setError: form.setError, fields: FIELDS, fieldOf })
    }
  })

  return (
    <FormPage
      title={t('Open a paper account')}
      lead={t('It costs nothing, and nothing in it is real money.')}
      below={
        <>
          {t('You have an account?')}{' '}
          <Link to="/login" search={(now) => now} className="text-accent underline">
            {t('Sign in')}
          </Link>
        </>
      }
    >
      <SheetForm form={form} onSubmit={open} action={t('Open the account')}>
        <RuleField
          form={form}
          name="username"
          label={t('User name')}
          rule={RULES.username}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
        />
        <RuleField
          form={form}
          name="email"
          label={t('E-mail address')}
          rule={RULES.email}
          type="email"
          autoComplete="email"
        />
        <RuleField
          form={form}
          name="password"
          label={t('Password')}
          rule={RULES.password}
          type="password"
          autoComplete="new-password"
          personal={form.watch(['username', 'email', 'first_name', 'last_name'])}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <RuleField form={form} rule={RULES.first_name} {...PERSON.first_name} />
          <RuleField form={form} rule={RULES.last_name} {...PERSON.last_name} />
        </div>
        <details className="border-t border-line pt-3 [&[open]>summary]:mb-4">
          <summary className="text-sm text-ink-2 hover:text-ink">{t('More, if you like')}</summary>
          <div className="grid gap-4">
            <RuleField form={form} rule={RULES.phone} {...PERSON.phone} optional />
            <RuleField form={form} rule={RULES.date_of_birth} {...PERSON.date_of_birth} optional />
            <Checkbox
              label={PERSON.marketing_emails_consent.label}
              {...form.register('marketing_emails_consent')}
            />
          </div>
        </details>
      </SheetForm>
    </FormPage>
  )
}

/** What was left empty is left out. */
function bodyOf(typed: typeof START): RegisterBody {
  const { phone: number, date_of_birth: day, ...rest } = typed
  return {
    ...rest,
    ...(number === '' ? {} : { phone: number }),
    ...(day === '' ? {} : { date_of_birth: day }),
  }
}
