import { Password } from '@cnop/contract/auth.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { login, SecondFactorCode } from '@cnop/contract/session.ts'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { ask, session } from '../../client/door.ts'
import { fieldRule } from '../../client/field-rules.ts'
import { showRefusal } from '../../client/form-refusal.ts'
import { RuleField } from '../../client/rule-field.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { t } from '../../messages.ts'
import { FormPage, SheetForm } from '../../ui/form-page.tsx'

const route = getRouteApi('/login')

const NAME_LENGTH_MIN = 6
/** A user name or an address; which of them, and whether it is one of ours, the server knows. */
const NAME = {
  says: t('Give your user name or your e-mail address.'),
  keeps: (text: string): boolean => text.trim().length >= NAME_LENGTH_MIN,
}
const SECRET = fieldRule(Password)
const CODE = fieldRule(SecondFactorCode)
const FIELDS = ['username', 'password', 'second_factor'] as const

export function SignInPage() {
  useTitle(t('Sign in'))
  const { next = '/dashboard' } = route.useSearch()
  const navigate = useNavigate()
  const [codeWanted, setCodeWanted] = useState(false)
  const form = useForm({
    defaultValues: { username: '', password: '', second_factor: '' },
    mode: 'onTouched',
    shouldUnregister: false,
  })
  const { errors, isSubmitting } = form.formState

  const enter = form.handleSubmit(async ({ username, password, second_factor }) => {
    const code = codeWanted ? { second_factor } : {}
    try {
      session.begin(await ask(login, { body: { username, password, ...code } }))
      await navigate({ to: next })
    } catch (error) {
      if (error instanceof Problem && error.code === 'second-factor-required') setCodeWanted(true)
      else {
        const fieldOf = { 'wrong-second-factor': 'second_factor' }
        showRefusal(error, { setError: form.setError, fields: FIELDS, fieldOf })
      }
    }
  })

  return (
    <FormPage
      title={t('Sign in')}
      below={
        <span className="flex flex-wrap justify-between gap-x-6 gap-y-2">
          <span>
            {t('New here?')}{' '}
            <Link to="/register" search={(now) => now} className="text-accent underline">
              {t('Open an account')}
            </Link>
          </span>
          <Link to="/forgot-password" className="text-accent underline">
            {t('Forgot the password')}
          </Link>
        </span>
      }
    >
      <SheetForm
        onSubmit={(event) => void enter(event)}
        trouble={errors.root?.message}
        busy={isSubmitting}
        action={t('Sign in')}
      >
        <RuleField
          form={form}
          name="username"
          label={t('User name or e-mail address')}
          rule={NAME}
          quiet
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
        />
        <RuleField
          form={form}
          name="password"
          label={t('Password')}
          rule={SECRET}
          quiet
          type="password"
          autoComplete="current-password"
        />
        {codeWanted ? (
          <RuleField
            form={form}
            name="second_factor"
            label={t('Code of your app')}
            rule={CODE}
            inputMode="text"
            autoComplete="one-time-code"
            autoFocus
          />
        ) : null}
      </SheetForm>
    </FormPage>
  )
}
