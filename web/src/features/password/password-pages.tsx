/** What is done with a link that was sent by mail, and how one is asked for. */
import { Email, Password } from '@cnop/contract/auth.ts'
import { forgotPassword, resetPassword, verifyEmail } from '@cnop/contract/password.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useForm } from 'react-hook-form'
import { ask } from '../../client/door.ts'
import { fieldRule } from '../../client/field-rules.ts'
import { showRefusal } from '../../client/form-refusal.ts'
import { OWN, queryClient } from '../../client/queries.ts'
import { refusalLine } from '../../client/refusal-words.ts'
import { RuleField } from '../../client/rule-field.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { t } from '../../messages.ts'
import { Button, buttonClasses } from '../../ui/button.tsx'
import { FormPage, SheetForm } from '../../ui/form-page.tsx'
import { takeLinkToken } from './link-token.ts'

const EMAIL = fieldRule(Email)
const SECRET = fieldRule(Password)

export function ForgotPasswordPage() {
  useTitle(t('Forgot the password'))
  const form = useForm({ defaultValues: { email: '' }, mode: 'onTouched' })
  const [answer, setAnswer] = useState<string>()
  const send = form.handleSubmit(async ({ email }) => {
    try {
      setAnswer((await ask(forgotPassword, { body: { email } })).message)
    } catch (error) {
      showRefusal(error, { setError: form.setError, fields: ['email'] })
    }
  })
  if (answer !== undefined) {
    return (
      <FormPage title={t('Look into your mail')} lead={answer}>
        <Link to="/login" className={buttonClasses()}>
          {t('Back to sign in')}
        </Link>
      </FormPage>
    )
  }
  return (
    <FormPage
      title={t('A new password')}
      lead={t('We send a link to the address of your account. With it you set a new password.')}
    >
      <SheetForm form={form} onSubmit={send} action={t('Send the link')}>
        <RuleField
          form={form}
          name="email"
          label={t('E-mail address')}
          rule={EMAIL}
          quiet
          type="email"
          autoComplete="email"
          autoFocus
        />
      </SheetForm>
    </FormPage>
  )
}

export function ResetPasswordPage() {
  useTitle(t('A new password'))
  const [token] = useState(takeLinkToken)
  const form = useForm({ defaultValues: { new_password: '' }, mode: 'onTouched' })
  const [answer, setAnswer] = useState<string>()
  const set = form.handleSubmit(async ({ new_password }) => {
    if (token === undefined) return
    try {
      setAnswer((await ask(resetPassword, { body: { token, new_password } })).message)
    } catch (error) {
      showRefusal(error, { setError: form.setError, fields: ['new_password'] })
    }
  })
  if (token === undefined) return <NoToken newLink="/forgot-password" />
  if (answer !== undefined) {
    return (
      <FormPage title={t('The password is new')} lead={answer}>
        <Link to="/login" className={buttonClasses('primary')}>
          {t('Sign in')}
        </Link>
      </FormPage>
    )
  }
  return (
    <FormPage
      title={t('A new password')}
      lead={t('Wherever you are signed in now, you are signed out.')}
      below={
        <>
          {t('The link does not work any more?')}{' '}
          <Link to="/forgot-password" className="text-accent underline">
            {t('Ask for a new one')}
          </Link>
        </>
      }
    >
      <SheetForm form={form} onSubmit={set} action={t('Set the password')}>
        <RuleField
          form={form}
          name="new_password"
          label={t('New password')}
          rule={SECRET}
          type="password"
          autoComplete="new-password"
          personal={[]}
          autoFocus
        />
      </SheetForm>
    </FormPage>
  )
}

export function VerifyEmailPage() {
  useTitle(t('Confirm the address'))
  const [token] = useState(takeLinkToken)
  const verification = useMutation({
    mutationFn: (value: string) => ask(verifyEmail, { body: { token: value } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [OWN] }),
  })
  const { mutate } = verification
  useEffect(() => {
    if (token !== undefined) mutate(token)
  }, [token, mutate])
  if (token === undefined) return <NoToken newLink="/settings/profile" />
  if (verification.isSuccess) {
    return (
      <FormPage title={t('The address is confirmed')} lead={verification.data.message}>
        <Link to="/dashboard" className={buttonClasses('primary')}>
          {t('Go to your dashboard')}
        </Link>
      </FormPage>
    )
  }
  if (verification.isError) {
    const { error } = verification
    return (
      <FormPage title={t('The address is not confirmed')} lead={refusalLine(error)}>
        <div className="flex flex-wrap gap-3">
          {isAboutLink(error) ? (
            <Link to="/settings/profile" className={buttonClasses('primary')}>
              {t('Ask for a new link')}
            </Link>
          ) : (
            <Button look="primary" onClick={() => mutate(token)}>
              {t('Try again')}
            </Button>
          )}
        </div>
      </FormPage>
    )
  }
  return <FormPage title={t('Confirming the address …')}>{null}</FormPage>
}

const isAboutLink = (error: unknown): boolean => error instanceof Problem && error.status === 422

function NoToken({ newLink }: { readonly newLink: '/forgot-password' | '/settings/profile' }) {
  return (
    <FormPage
      title={t('This link is not whole')}
      lead={t('Open it once more from the mail, or copy all of it into the address line.')}
    >
      <Link to={newLink} className={buttonClasses()}>
        {t('Ask for a new link')}
      </Link>
    </FormPage>
  )
}
