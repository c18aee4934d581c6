import { changePassword, PasswordBody } from '@cnop/contract/password.ts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { ask } from '../../client/door.ts'
import { bodyRules } from '../../client/field-rules.ts'
import { showRefusal } from '../../client/form-refusal.ts'
import { queryClient } from '../../client/queries.ts'
import { RuleField } from '../../client/rule-field.tsx'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { InlineForm, Outcome } from './inline-form.tsx'
import { profileQuery, sessionsQuery } from './settings-queries.ts'

const RULES = bodyRules(PasswordBody)

export function PasswordPanel() {
  const [changing, setChanging] = useState(false)
  const [changed, setChanged] = useState(false)
  const toggle = (): void => {
    setChanging(!changing)
    setChanged(false)
  }
  return (
    <Panel
      title={t('Password')}
      aside={
        <Button size="sm" aria-expanded={changing} onClick={toggle}>
          {changing ? t('Leave it') : t('Change')}
        </Button>
      }
    >
      {changing ? (
        <PasswordForm
          onChanged={() => {
            setChanging(false)
            setChanged(true)
          }}
        />
      ) : changed ? (
        <Outcome>{t('The password is new, and everywhere else you are signed out.')}</Outcome>
      ) : (
        <p className="text-sm text-ink-2">
          {t('Length is what makes it good. A new one signs you out everywhere but here.')}
        </p>
      )}
    </Panel>
  )
}

function PasswordForm({ onChanged }: { readonly onChanged: () => void }) {
  const profile = useQuery(profileQuery)
  const form = useForm({
    defaultValues: { current_password: '', new_password: '' },
    mode: 'onTouched',
  })
  const change = form.handleSubmit(async (body) => {
    try {
      await ask(changePassword, { body })
      void queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
      onChanged()
    } catch (error) {
      showRefusal(error, {
        setError: form.setError,
        fields: ['current_password', 'new_password'],
        fieldOf: { 'wrong-credentials': 'current_password' },
      })
    }
  })
  return (
    <InlineForm form={form} onSubmit={change} action={t('Set the new password')}>
      <input hidden readOnly autoComplete="username" value={profile.data?.username ?? ''} />
      <div className="grid gap-4 sm:grid-cols-2">
        <RuleField
          form={form}
          name="current_password"
          label={t('Present password')}
          rule={RULES.current_password}
          quiet
          type="password"
          autoComplete="current-password"
          autoFocus
        />
        <RuleField
          form={form}
          name="new_password"
          label={t('New password')}
          rule={RULES.new_password}
          type="password"
          autoComplete="new-password"
          personal={[]}
        />
      </div>
    </InlineForm>
  )
}
