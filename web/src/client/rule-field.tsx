import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import {
  type FieldPath,
  type FieldPathValue,
  type FieldValues,
  type UseFormReturn,
  useWatch,
} from 'react-hook-form'
import { t } from '../messages.ts'
import { Input, type InputProps } from '../ui/box.tsx'
import { Field } from '../ui/field.tsx'
import type { FieldRule } from './field-rules.ts'
import { strengthOf } from './password-strength.ts'

/** A field of a form whose rule is said before, ticked while typing and held against on leaving. */
export function RuleField<Values extends FieldValues>({
  form,
  name,
  label,
  rule,
  optional = false,
  quiet = false,
  personal,
  ...input
}: Omit<InputProps, 'form' | 'name'> & {
  readonly form: UseFormReturn<Values>
  readonly name: FieldPath<Values>
  readonly label: string
  readonly rule: FieldRule
  readonly optional?: boolean
  /** The rule is not explained to somebody who has kept it once. */
  readonly quiet?: boolean
  /** Of a new password: what others know of its owner. How hard it is to guess is then said too. */
  readonly personal?: readonly string[]
}) {
  const typed = String(useWatch({ control: form.control, name }) ?? '')
  const registered = form.register(name, {
    validate: (value: FieldPathValue<Values, FieldPath<Values>>) =>
      (optional && value === '') || rule.keeps(String(value ?? '')) || rule.says,
  })
  const error = form.getFieldState(name, form.formState).error?.message
  return (
    <Field
      label={label}
      hint={quiet ? undefined : hintOf(rule, typed, personal)}
      error={error}
      kept={!quiet && typed !== '' && rule.keeps(typed)}
      optional={optional ? t('optional') : undefined}
    >
      {({ id, describedBy }) => {
        const described = {
          ...input,
          ...registered,
          id,
          'aria-invalid': error === undefined ? undefined : true,
          'aria-describedby': describedBy,
          'aria-required': !optional,
        }
        return input.type === 'password' ? <Secret {...described} /> : <Input {...described} />
      }}
    </Field>
  )
}

/** A password that keeps the rule may still be one that is guessed soon. */
function hintOf(rule: FieldRule, typed: string, personal: readonly string[] | undefined): string {
  if (personal === undefined || !rule.keeps(typed)) return rule.says
  const words = {
    weak: t('Easy to guess: a few more words make it hard.'),
    fair: t('Not easy to guess.'),
    strong: t('Hard to guess.'),
  }
  return words[strengthOf(typed, personal)]
}

/** What is hidden from neighbours can be shown to the one who types it. */
function Secret(input: InputProps) {
  const [shown, setShown] = useState(false)
  const Icon = shown ? EyeOff : Eye
  return (
    <span className="relative block">
      <Input {...input} type={shown ? 'text' : 'password'} className="pr-11" />
      <button
        type="button"
        aria-pressed={shown}
        aria-label={t('Show what is typed')}
        onClick={() => setShown(!shown)}
        className="absolute top-1 right-1 grid size-8 place-items-center rounded-sm text-ink-3 hover:text-ink"
      >
        <Icon aria-hidden="true" className="size-4" />
      </button>
    </span>
  )
}
