import { Password } from '@cnop/contract/auth.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { login } from '@cnop/contract/session.ts'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { bareCode, CodeField } from '../../client/code-field.tsx'
import { ask, session } from '../../client/door.ts'
import { fieldRule } from '../../client/field-rules.ts'
import { showRefusal } from '../../client/form-refusal.ts'
import { RuleField } from '../../client/rule-field.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { t } from '../../messages.ts'
import { FormPage, SheetForm } from '../../ui/form-page.tsx'
import { type Block, BlockedNote } from './blocked-note.tsx'

const route = getRouteApi('/login')

const NAME_LENGTH_MIN = 6
/** A user name or an address; which of them, and whether it is one of ours, the server knows. */
const NAME = {
  says: t('Give your user name or your e-mail address.'),
  keeps: (text: string): boolean => text.trim().length >= NAME_LENGTH_MIN,
}
const SECRET = fieldRule(Password)
const FIELDS = ['username', 'password', 'second_factor'] as const

export function SignInPage() {
  useTitle(t('Sign in'))
  const { next = '/dashboard' } = route.useSearch()
  const navigate = useNavigate()
  const [codeWanted, setCodeWanted] = useState(false)
  const [block, setBlock] = useState<Block>()
  const form = useForm({
    defaultValues: { username: '', password: '', second_factor: '' },
    mode: 'onTouched',
    shouldUnregister: false,
  })

  const refuse = (error: unknown): void => {
    const code = error instanceof Problem ? error.code : undefined
    const fieldOf = { 'wrong-second-factor': 'second_factor' }
    if (code === 'second-factor-required') setCodeWanted(true)
    else if (code === 'sign-in-blocked') setBlock(blockOf(error as Problem))
    else showRefusal(error, { setError: form.setError, fields: FIELDS, fieldOf })
  }

  const enter = form.handleSubmit(async ({ username, password, second_factor }) => {
    if (block !== undefined && block.untilMs > Date.now()) return
    setBlock(undefined)
    const code = codeWanted ? { second_factor: bareCode(second_factor) } : {}
    try {
      const body = { username: username.trim(), password, ...code }
      session.begin(await ask(login, { body }))
      await navigate({ to: next })
    } catch (error) {
      refuse(error)
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
      <SheetForm form={form} onSubmit={enter} action={t('Sign in')}>
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
        {codeWanted ? <CodeField form={form} name="second_factor" /> : null}
        {block === undefined ? null : <BlockedNote {...block} />}
      </SheetForm>
    </FormPage>
  )
}

const blockOf = ({ message, retryAfterSeconds = 0 }: Problem): Block => ({
  untilMs: Date.now() + retryAfterSeconds * 1000,
  says: `${message}.`,
})
