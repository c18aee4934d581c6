import { changeEmail, EmailBody, type Profile } from '@cnop/contract/auth.ts'
import { sendVerification } from '@cnop/contract/password.ts'
import { useMutation } from '@tanstack/react-query'
import { BadgeCheck, MailQuestion } from 'lucide-react'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { ask } from '../../client/door.ts'
import { bodyRules } from '../../client/field-rules.ts'
import { showRefusal } from '../../client/form-refusal.ts'
import { queryClient } from '../../client/queries.ts'
import { refusalLine } from '../../client/refusal-words.ts'
import { RuleField } from '../../client/rule-field.tsx'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { TroubleLine } from '../../ui/form-trouble.tsx'
import { Panel } from '../../ui/panel.tsx'
import { InlineForm, Outcome } from './inline-form.tsx'
import { profileQuery, sessionsQuery } from './settings-queries.ts'

/** Where letters go, and whether anybody has read one there. */
export function EmailPanel({ profile }: { readonly profile: Profile }) {
  const [changing, setChanging] = useState(false)
  const [outcome, setOutcome] = useState<string>()
  const toggle = (): void => {
    setChanging(!changing)
    setOutcome(undefined)
  }
  return (
    <Panel
      title={t('E-mail address')}
      aside={
        <Button size="sm" aria-expanded={changing} onClick={toggle}>
          {changing ? t('Leave it') : t('Change')}
        </Button>
      }
    >
      <div className="grid gap-4">
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
          <p className="min-w-0 font-medium wrap-anywhere">{profile.email}</p>
          {profile.email_verified ? (
            <p className="flex items-center gap-2 text-sm text-ink-2">
              <BadgeCheck aria-hidden="true" className="size-4" />
              {t('Confirmed')}
            </p>
          ) : (
            <p className="flex items-center gap-2 text-sm text-warning">
              <MailQuestion aria-hidden="true" className="size-4" />
              {t('Not confirmed yet')}
            </p>
          )}
        </div>
        {outcome === undefined ? null : <Outcome>{outcome}</Outcome>}
        {profile.email_verified || changing ? null : <SendAgain />}
        {changing ? (
          <AddressForm
            username={profile.username}
            onChanged={(changed) => {
              setChanging(false)
              setOutcome(
                t('A link was sent to {email}: open it to confirm the address.', {
                  email: changed.email,
                }),
              )
            }}
          />
        ) : null}
      </div>
    </Panel>
  )
}

function SendAgain() {
  const sending = useMutation({ mutationFn: () => ask(sendVerification, {}) })
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button size="sm" busy={sending.isPending} onClick={() => sending.mutate()}>
          {t('Send the link again')}
        </Button>
        {sending.isSuccess ? null : (
          <p className="text-sm text-ink-3">
            {t('Open the link in our letter, so that we know the address is yours.')}
          </p>
        )}
      </div>
      {sending.isSuccess ? <Outcome>{sentence(sending.data.message)}</Outcome> : null}
      {sending.isError ? <TroubleLine>{refusalLine(sending.error)}</TroubleLine> : null}
    </div>
  )
}

const sentence = (text: string): string => (text.endsWith('.') ? text : `${text}.`)

const RULES = bodyRules(EmailBody)

function AddressForm({
  username,
  onChanged,
}: {
  readonly username: string
  readonly onChanged: (profile: Profile) => void
}) {
  const form = useForm({ defaultValues: { email: '', current_password: '' }, mode: 'onTouched' })
  const change = form.handleSubmit(async (typed) => {
    try {
      const changed = await ask(changeEmail, { body: typed })
      queryClient.setQueryData(profileQuery.queryKey, changed)
      void queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
      onChanged(changed)
    } catch (error) {
      showRefusal(error, {
        setError: form.setError,
        fields: ['email', 'current_password'],
        fieldOf: { 'email-taken': 'email', 'wrong-credentials': 'current_password' },
      })
    }
  })
  return (
    <div className="border-t border-line pt-4">
      <InlineForm
        form={form}
        onSubmit={change}
        action={t('Change the address')}
        beside={
          <p className="text-sm text-ink-3">{t('Everywhere else you will be signed out.')}</p>
        }
      >
        <input hidden readOnly autoComplete="username" value={username} />
        <div className="grid gap-4 sm:grid-cols-2">
          <RuleField
            form={form}
            name="email"
            label={t('New e-mail address')}
            rule={RULES.email}
            quiet
            type="email"
            autoComplete="email"
            autoFocus
          />
          <RuleField
            form={form}
            name="current_password"
            label={t('Your password')}
            rule={RULES.current_password}
            quiet
            type="password"
            autoComplete="current-password"
          />
        </div>
      </InlineForm>
    </div>
  )
}
