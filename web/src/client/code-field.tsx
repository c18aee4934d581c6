import { SecondFactorCode } from '@cnop/contract/session.ts'
import { useState } from 'react'
import type { FieldPath, FieldValues, UseFormReturn } from 'react-hook-form'
import { t } from '../messages.ts'
import { fieldRule } from './field-rules.ts'
import { RuleField } from './rule-field.tsx'

const CODE = fieldRule(SecondFactorCode)
const OF_APP = {
  says: t('Six digits, new every half minute.'),
  keeps: (text: string): boolean => /^[0-9]{6}$/.test(bareCode(text)),
}
const RECOVERY = {
  says: t('One of those you have kept, such as 7k2mq-x4t9w. Each is good once.'),
  keeps: (text: string): boolean => CODE.keeps(bareCode(text)),
}

/** Apps show `123 456`, and what is copied may bring its blanks along. */
export const bareCode = (typed: string): string => typed.replace(/\s/g, '')

/** A code of the app, on the keyboard for digits, or a recovery code for who has lost the app. */
export function CodeField<Values extends FieldValues>({
  form,
  name,
  recovery = true,
}: {
  readonly form: UseFormReturn<Values>
  readonly name: FieldPath<Values>
  /** Whether a recovery code would do as well. */
  readonly recovery?: boolean
}) {
  const [lost, setLost] = useState(false)
  const swap = (): void => {
    setLost(!lost)
    form.resetField(name)
    form.setFocus(name)
  }
  return (
    <div>
      <RuleField
        key={String(lost)}
        form={form}
        name={name}
        label={lost ? t('Recovery code') : t('Code of your app')}
        rule={lost ? RECOVERY : OF_APP}
        inputMode={lost ? 'text' : 'numeric'}
        autoComplete={lost ? 'off' : 'one-time-code'}
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
      />
      {recovery ? (
        <button type="button" onClick={swap} className="mt-1 text-sm text-accent underline">
          {lost ? t('Use a code of the app') : t('Use a recovery code')}
        </button>
      ) : null}
    </div>
  )
}
