/** Three steps to a second factor: the password, a code of the app, and what to keep. */
import { Problem } from '@cnop/contract/problem.ts'
import {
  beginSecondFactor,
  confirmSecondFactor,
  SecondFactorBody,
} from '@cnop/contract/second-factor.ts'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useForm } from 'react-hook-form'
import { bareCode, CodeField } from '../../client/code-field.tsx'
import { ask } from '../../client/door.ts'
import { bodyRules } from '../../client/field-rules.ts'
import { showRefusal } from '../../client/form-refusal.ts'
import { queryClient } from '../../client/queries.ts'
import { RuleField } from '../../client/rule-field.tsx'
import { t } from '../../messages.ts'
import type { FormTrouble } from '../../ui/form-trouble.tsx'
import { InlineForm } from './inline-form.tsx'
import { KeptOnce } from './kept-once.tsx'
import { qrPath } from './qr-path.ts'
import { profileQuery, secondFactorQuery, sessionsQuery } from './settings-queries.ts'

type Secret = { readonly secret: string; readonly uri: string }

type Step =
  | { readonly is: 'password'; readonly trouble?: FormTrouble }
  | ({ readonly is: 'scan' } & Secret)
  | { readonly is: 'keep'; readonly codes: readonly string[] }

export function SecondFactorSetup({ onDone }: { readonly onDone: () => void }) {
  const [step, setStep] = useState<Step>({ is: 'password' })
  if (step.is === 'password') {
    return (
      <PasswordStep
        trouble={step.trouble}
        onBegun={(secret) => setStep({ is: 'scan', ...secret })}
      />
    )
  }
  if (step.is === 'scan') {
    return (
      <ScanStep
        secret={step}
        onTooLate={(message) => setStep({ is: 'password', trouble: { message } })}
        onConfirmed={(codes) => setStep({ is: 'keep', codes })}
      />
    )
  }
  return <RecoveryCodes codes={step.codes} onKept={onDone} />
}

const RULES = bodyRules(SecondFactorBody)

function PasswordStep({
  trouble,
  onBegun,
}: {
  readonly trouble: FormTrouble | undefined
  readonly onBegun: (secret: Secret) => void
}) {
  const profile = useQuery(profileQuery)
  const form = useForm({ defaultValues: { password: '' }, mode: 'onTouched' })
  const begin = form.handleSubmit(async (body) => {
    try {
      onBegun((await ask(beginSecondFactor, { body })).data)
    } catch (error) {
      showRefusal(error, {
        setError: form.setError,
        fields: ['password'],
        fieldOf: { 'wrong-credentials': 'password' },
      })
    }
  })
  return (
    <InlineForm
      form={form}
      onSubmit={begin}
      trouble={form.formState.errors.root ?? trouble}
      action={t('Go on')}
    >
      <input hidden readOnly autoComplete="username" value={profile.data?.username ?? ''} />
      <div className="max-w-form">
        <RuleField
          form={form}
          name="password"
          label={t('Your password')}
          rule={RULES.password}
          quiet
          type="password"
          autoComplete="current-password"
          autoFocus
        />
      </div>
    </InlineForm>
  )
}

function ScanStep({
  secret: { secret, uri },
  onTooLate,
  onConfirmed,
}: {
  readonly secret: Secret
  readonly onTooLate: (message: string) => void
  readonly onConfirmed: (codes: readonly string[]) => void
}) {
  const form = useForm({ defaultValues: { code: '' }, mode: 'onSubmit' })
  const confirm = form.handleSubmit(async ({ code }) => {
    try {
      const { data } = await ask(confirmSecondFactor, { body: { code: bareCode(code) } })
      const { recovery_codes: codes } = data
      queryClient.setQueryData(secondFactorQuery.queryKey, {
        on: true,
        recovery_codes_left: codes.length,
      })
      void queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
      onConfirmed(codes)
    } catch (error) {
      if (error instanceof Problem && error.code === 'second-factor-off')
        return onTooLate(t('The secret has waited too long. Begin again.'))
      showRefusal(error, {
        setError: form.setError,
        fields: ['code'],
        fieldOf: { 'wrong-second-factor': 'code' },
      })
    }
  })
  return (
    <div className="grid items-start gap-x-8 gap-y-5 sm:grid-cols-[216px_minmax(0,1fr)]">
      <QrCode text={uri} />
      <div className="grid gap-5">
        <div>
          <p className="text-sm text-ink-2">
            {t('Scan this with an authenticator app, or type the secret into it:')}
          </p>
          <p className="mt-2 font-code text-sm leading-6 wrap-anywhere select-all">
            {grouped(secret)}
          </p>
        </div>
        <InlineForm
          form={form}
          onSubmit={confirm}
          action={t('Switch it on')}
          beside={
            <p className="text-sm text-ink-3">{t('Everywhere else you will be signed out.')}</p>
          }
        >
          <CodeField form={form} name="code" recovery={false} />
        </InlineForm>
      </div>
    </div>
  )
}

/** Always dark on white: half the cameras read no other. */
function QrCode({ text }: { readonly text: string }) {
  const { d, size } = useMemo(() => qrPath(text), [text])
  return (
    <svg
      role="img"
      aria-label={t('QR code of the secret')}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="w-full max-w-[216px] rounded-md border border-line"
    >
      <path fill="#fff" d={`M0 0h${size}v${size}H0z`} />
      <path fill="#000" d={d} />
    </svg>
  )
}

const GROUP = /.{1,4}/g
const grouped = (secret: string): string => (secret.match(GROUP) ?? []).join(' ')

function RecoveryCodes({
  codes,
  onKept,
}: {
  readonly codes: readonly string[]
  readonly onKept: () => void
}) {
  return (
    <KeptOnce
      title={t('Your recovery codes')}
      lead={t(
        'The second factor is on. Should you lose your app, each of these lets you in once. Keep them where your phone is not.',
      )}
      text={`${codes.join('\n')}\n`}
      fileName="cnop-recovery-codes.txt"
      confirm={t('I have kept them')}
      onKept={onKept}
    >
      <ol className="grid grid-cols-2 gap-x-6 gap-y-1 font-code text-base sm:max-w-[420px]">
        {codes.map((code) => (
          <li key={code} className="select-all">
            {code}
          </li>
        ))}
      </ol>
    </KeptOnce>
  )
}
