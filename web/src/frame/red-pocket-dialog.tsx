import { ClaimBody, claimReward, type RewardAnswer } from '@cnop/contract/reward.ts'
import { useEffect, useRef, useState } from 'react'
import { useForm } from 'react-hook-form'
import { ask, newKey } from '../client/door.ts'
import { bodyRules } from '../client/field-rules.ts'
import { type FieldOfCode, showRefusal } from '../client/form-refusal.ts'
import { RuleField } from '../client/rule-field.tsx'
import { showUsd } from '../format/money.ts'
import { t } from '../messages.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { SheetForm } from '../ui/form-page.tsx'

const RULES = bodyRules(ClaimBody)
const FIELD_OF_CODE: FieldOfCode = { 'reward-claimed': 'phrase', 'rate-limited': 'phrase' }

export function RedPocketDialog({ onClose }: { readonly onClose: () => void }) {
  const [paid, setPaid] = useState<RewardAnswer>()
  return (
    <Dialog open onClose={onClose} title={t('The lantern')}>
      <div className="p-5">
        {paid === undefined ? (
          <Phrase onPaid={setPaid} />
        ) : (
          <Paid answer={paid} onClose={onClose} />
        )}
      </div>
    </Dialog>
  )
}

function Phrase({ onPaid }: { readonly onPaid: (answer: RewardAnswer) => void }) {
  const form = useForm({ defaultValues: { phrase: '' }, mode: 'onTouched' })
  /** The same words again are the same claim, however often they have to be sent. */
  const claim = useRef({ phrase: '', key: '' })
  const say = form.handleSubmit(async ({ phrase }) => {
    if (claim.current.phrase !== phrase) claim.current = { phrase, key: newKey() }
    try {
      onPaid(await ask(claimReward, { body: { phrase }, idempotencyKey: claim.current.key }))
    } catch (error) {
      showRefusal(error, { setError: form.setError, fields: ['phrase'], fieldOf: FIELD_OF_CODE })
    }
  })
  return (
    <>
      <p className="mb-5 text-sm text-ink-2">
        {t(
          'Say a phrase. The right one finds a red pocket, any other something small, once a day (UTC). It is paid as paper money.',
        )}
      </p>
      <SheetForm form={form} onSubmit={say} action={t('Say it')}>
        <RuleField
          form={form}
          name="phrase"
          label={t('Phrase')}
          rule={RULES.phrase}
          autoComplete="off"
          spellCheck={false}
        />
      </SheetForm>
    </>
  )
}

function Paid({
  answer,
  onClose,
}: {
  readonly answer: RewardAnswer
  readonly onClose: () => void
}) {
  const heading = useRef<HTMLParagraphElement>(null)
  // The field that had the focus is gone.
  useEffect(() => heading.current?.focus(), [])
  const { amount, got_red_pocket } = answer
  return (
    <div className="grid justify-items-center gap-4 text-center">
      <Pocket full={got_red_pocket} />
      <p
        ref={heading}
        tabIndex={-1}
        role="status"
        className="font-display text-lg font-bold outline-none"
      >
        {got_red_pocket
          ? t('A red pocket: {amount}', { amount: showUsd(amount) })
          : t('Something small: {amount}', { amount: showUsd(amount) })}
      </p>
      <p className="text-sm text-ink-2">
        {got_red_pocket
          ? t('It is in your cash. There is no more today.')
          : t('It is in your cash. The right phrase would still find the red pocket today.')}
      </p>
      <Button onClick={onClose}>{t('Close')}</Button>
    </div>
  )
}

/** A note that rises from an envelope; for a small reward it shows its edge alone. */
function Pocket({ full }: { readonly full: boolean }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 96 120"
      className="h-30 w-24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinejoin="round"
    >
      <clipPath id="pocket-mouth">
        <path d="M0 0h96v58L48 74 0 58z" />
      </clipPath>
      <g clipPath="url(#pocket-mouth)">
        <g className="emerging">
          <rect x="20" y={full ? 10 : 36} width="56" height="90" rx="3" className="fill-surface" />
          <circle cx="48" cy={full ? 34 : 54} r="9" />
          <path d={full ? 'M30 18h10M56 18h10' : 'M30 44h10M56 44h10'} />
        </g>
      </g>
      <path d="M14 46v66a4 4 0 0 0 4 4h60a4 4 0 0 0 4-4V46" />
      <path d="M14 46l34 26 34-26" />
      <circle cx="48" cy="92" r="8" strokeDasharray="0.1 4" strokeLinecap="round" />
    </svg>
  )
}
