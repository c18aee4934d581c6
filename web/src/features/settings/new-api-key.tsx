import { ApiKeyBody, createApiKey } from '@cnop/contract/api-key.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { type AnswerOf, KEY_SCOPES, type KeyScope } from '@cnop/contract/route.ts'
import { useId, useState } from 'react'
import { Controller, type UseFormReturn, useForm, useWatch } from 'react-hook-form'
import { ask } from '../../client/door.ts'
import { bodyRules, type FieldRule } from '../../client/field-rules.ts'
import { showRefusal } from '../../client/form-refusal.ts'
import { queryClient } from '../../client/queries.ts'
import { RuleField } from '../../client/rule-field.tsx'
import { t } from '../../messages.ts'
import { Select } from '../../ui/box.tsx'
import { Checkbox, Field } from '../../ui/field.tsx'
import { InlineForm } from './inline-form.tsx'
import { KeptOnce } from './kept-once.tsx'
import { addressesIn, EXPIRIES, type Expiry, type KeyForm, termsOf } from './key-terms.ts'
import { apiKeysQuery } from './settings-queries.ts'

type MadeKey = AnswerOf<typeof createApiKey>['data']

export function NewApiKey({
  onMade,
  onDone,
}: {
  /** From here on there is something to lose. */
  readonly onMade: () => void
  readonly onDone: () => void
}) {
  const [made, setMade] = useState<MadeKey>()
  if (made === undefined) {
    return (
      <KeyTerms
        onMade={(key) => {
          setMade(key)
          onMade()
        }}
      />
    )
  }
  return (
    <KeptOnce
      title={t('Your new key')}
      lead={t('Send it as “Authorization: Bearer …”. Nobody can show it again, we least of all.')}
      text={made.api_key}
      fileName={`${made.name.replace(/[^\w-]+/g, '-')}.key.txt`}
      confirm={t('I have kept it')}
      onKept={onDone}
    >
      <p className="font-code text-sm leading-6 wrap-anywhere select-all">{made.api_key}</p>
    </KeptOnce>
  )
}

const RULES = bodyRules(ApiKeyBody)
const ADDRESSES_MAX = 20

const ADDRESSES: FieldRule = {
  says: t('Addresses or networks such as 10.0.0.0/8, with commas between; none means anywhere.'),
  keeps: (text) => addressesIn(text).length <= ADDRESSES_MAX,
}
const DAY: FieldRule = {
  says: t('The key works until this day is over, in UTC.'),
  keeps: (text) => text !== '',
}

const START: KeyForm = {
  name: '',
  password: '',
  scopes: { read: true, trade: false },
  addresses: '',
  expiry: '90',
  day: '',
}

function KeyTerms({ onMade }: { readonly onMade: (key: MadeKey) => void }) {
  const form = useForm<KeyForm>({ defaultValues: START, mode: 'onTouched' })
  const expiry = useWatch({ control: form.control, name: 'expiry' })
  const make = form.handleSubmit(async (typed) => {
    try {
      const { data } = await ask(createApiKey, { body: termsOf(typed, Date.now()) })
      void queryClient.invalidateQueries({ queryKey: apiKeysQuery.queryKey })
      onMade(data)
    } catch (error) {
      showRefusal(withAddressNamed(error, addressesIn(typed.addresses)), {
        setError: form.setError,
        fields: ['name', 'scopes', 'addresses', 'day', 'password'],
        fieldOf: { 'wrong-credentials': 'password' },
      })
    }
  })
  return (
    <InlineForm form={form} onSubmit={make} action={t('Make the key')}>
      <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
        <RuleField
          form={form}
          name="name"
          label={t('Name')}
          rule={RULES.name}
          autoComplete="off"
          autoFocus
        />
        <Scopes form={form} />
        <RuleField
          form={form}
          name="addresses"
          label={t('May be used from')}
          rule={ADDRESSES}
          optional
          autoComplete="off"
          spellCheck={false}
        />
        <div className="grid gap-4">
          <Controller
            control={form.control}
            name="expiry"
            render={({ field }) => (
              <Field label={t('Ends')}>
                {({ id }) => (
                  <Select
                    id={id}
                    className="w-full"
                    value={field.value}
                    onPick={field.onChange}
                    options={EXPIRIES.map((value) => ({ value, label: expiryName(value) }))}
                  />
                )}
              </Field>
            )}
          />
          {expiry === 'day' ? (
            <RuleField form={form} name="day" label={t('Last day')} rule={DAY} type="date" />
          ) : null}
        </div>
        <RuleField
          form={form}
          name="password"
          label={t('Your password')}
          rule={RULES.password}
          quiet
          type="password"
          autoComplete="current-password"
        />
      </div>
    </InlineForm>
  )
}

const SCOPE_WORDS: Readonly<Record<KeyScope, string>> = {
  read: t('Read: sees your balances, orders and ledger.'),
  trade: t('Trade: places and cancels orders, and deposits. It never withdraws.'),
}

/** Each with what it opens, in one line. */
function Scopes({ form }: { readonly form: UseFormReturn<KeyForm> }) {
  const note = useId()
  const { scopes } = form.formState.errors
  const error = scopes?.read?.message ?? scopes?.message
  const some = (): true | string =>
    KEY_SCOPES.some((scope) => form.getValues(`scopes.${scope}`)) || t('Choose at least one.')
  return (
    <fieldset className="grid content-start gap-2.5" aria-describedby={note}>
      <legend className="mb-1.5 text-sm font-medium text-ink-2">{t('What it may do')}</legend>
      {KEY_SCOPES.map((scope) => (
        <Checkbox
          key={scope}
          label={SCOPE_WORDS[scope]}
          {...form.register(`scopes.${scope}`, { validate: { some }, deps: 'scopes.read' })}
        />
      ))}
      <p id={note} role={error === undefined ? undefined : 'alert'} className="text-sm text-danger">
        {error}
      </p>
    </fieldset>
  )
}

/** The platform names what is wrong by its place in the list, and the list is one field here. */
function withAddressNamed(error: unknown, addresses: readonly string[]): unknown {
  if (!(error instanceof Problem)) return error
  const errors = error.errors.map(({ field, message }) => {
    const place = /^addresses\.(\d+)$/.exec(field)?.[1]
    if (field === 'expires_at') return { field: 'day', message }
    if (place === undefined) return { field, message }
    const address = addresses[Number(place)] ?? ''
    return { field: 'addresses', message: t('{address}: {message}', { address, message }) }
  })
  const { requestId, detail } = error
  return new Problem(error.code, {
    errors,
    ...(detail === undefined ? {} : { detail }),
    ...(requestId === undefined ? {} : { requestId }),
  })
}

const expiryName = (expiry: Expiry): string =>
  ({
    '30': t('In 30 days'),
    '90': t('In 90 days'),
    '365': t('In a year'),
    day: t('On a day'),
    never: t('Never'),
  })[expiry]
