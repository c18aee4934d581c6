import { type Profile, ProfileBody, updateProfile } from '@cnop/contract/auth.ts'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { ask } from '../../client/door.ts'
import { bodyRules } from '../../client/field-rules.ts'
import { showRefusal } from '../../client/form-refusal.ts'
import { PERSON } from '../../client/person-fields.ts'
import { queryClient } from '../../client/queries.ts'
import { RuleField } from '../../client/rule-field.tsx'
import { showDate } from '../../format/time.ts'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/field.tsx'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { Panel } from '../../ui/panel.tsx'
import { InlineForm } from './inline-form.tsx'
import { changesIn, formOf } from './profile-changes.ts'
import { profileQuery } from './settings-queries.ts'

const RULES = bodyRules(ProfileBody)
const FIELDS = ['first_name', 'last_name', 'phone', 'date_of_birth'] as const

export function ProfilePanel({ profile }: { readonly profile: Profile }) {
  const form = useForm({ defaultValues: formOf(profile), mode: 'onTouched' })
  const [saved, setSaved] = useState(false)
  const { isDirty } = form.formState
  const save = form.handleSubmit(async (typed) => {
    try {
      const body = changesIn(typed, formOf(profile))
      const after = await ask(updateProfile, { body })
      queryClient.setQueryData(profileQuery.queryKey, after)
      form.reset(formOf(after))
      setSaved(true)
    } catch (error) {
      showRefusal(error, { setError: form.setError, fields: FIELDS })
    }
  })
  return (
    <Panel title={t('About you')}>
      <div className="mb-5 border-b border-line pb-3">
        <LedgerList>
          <LedgerLine term={t('User name')}>{profile.username}</LedgerLine>
          <LedgerLine term={t('Customer since')}>{showDate(profile.created_at)}</LedgerLine>
        </LedgerList>
      </div>
      <InlineForm
        form={form}
        onSubmit={save}
        action={t('Save')}
        beside={
          isDirty ? (
            <Button look="quiet" onClick={() => form.reset()}>
              {t('Undo')}
            </Button>
          ) : (
            <p role="status" className="text-sm text-ink-2">
              {saved ? t('Saved.') : ''}
            </p>
          )
        }
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <RuleField form={form} rule={RULES.first_name} {...PERSON.first_name} />
          <RuleField form={form} rule={RULES.last_name} {...PERSON.last_name} />
          <RuleField
            form={form}
            rule={RULES.phone}
            {...PERSON.phone}
            optional={profile.phone === undefined}
          />
          <RuleField
            form={form}
            rule={RULES.date_of_birth}
            {...PERSON.date_of_birth}
            optional={profile.date_of_birth === undefined}
          />
        </div>
        <Checkbox
          label={PERSON.marketing_emails_consent.label}
          {...form.register('marketing_emails_consent')}
        />
      </InlineForm>
    </Panel>
  )
}
