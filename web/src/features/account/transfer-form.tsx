import type { CashBalance, getLimits } from '@cnop/contract/balance.ts'
import { parseUsd, USD_SCALE } from '@cnop/contract/money.ts'
import type { AnswerOf } from '@cnop/contract/route.ts'
import { useQuery } from '@tanstack/react-query'
import { ProblemNote, useSecondsLeft } from '../../client/problem-note.tsx'
import { refusalWords } from '../../client/refusal-words.ts'
import { showUsd, UNKNOWN } from '../../format/money.ts'
import { showMoment } from '../../format/time.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { DecimalField } from '../../ui/decimal-field.tsx'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { Skeleton } from '../../ui/states.tsx'
import { limitsQuery } from './cash-queries.ts'
import { amountOf, availableAfter, greatest, type TransferKind } from './transfer.ts'
import { TransferReceipt } from './transfer-receipt.tsx'
import { amountWords, isAboutAmount, refusedWords } from './transfer-words.ts'
import { type TransferDesk, useTransfer } from './transfers.ts'
import { UnknownTransfer } from './unknown-transfer.tsx'

type Allowance = AnswerOf<typeof getLimits>['data']['deposit']

/** From the amount to the receipt. The platform judges; what it says stands where it belongs. */
export function TransferForm({
  kind,
  balance,
}: {
  readonly kind: TransferKind
  readonly balance: CashBalance | undefined
}) {
  const desk = useTransfer(kind)
  const limits = useQuery(limitsQuery)
  const { stage } = desk
  if (stage.at === 'done') {
    return (
      <TransferReceipt
        kind={kind}
        amount={stage.amount}
        answer={stage.answer}
        balance={balance}
        remaining={limits.data?.[kind].remaining}
        onLeave={desk.leave}
      />
    )
  }
  if (stage.at === 'unknown') {
    return (
      <UnknownTransfer
        kind={kind}
        amount={stage.request.amount}
        problem={stage.problem}
        onSend={() => void desk.send()}
        onLeave={desk.leave}
      />
    )
  }
  return <Draft kind={kind} desk={desk} balance={balance} limits={limits} />
}

function Draft({
  kind,
  desk,
  balance,
  limits,
}: {
  readonly kind: TransferKind
  readonly desk: TransferDesk
  readonly balance: CashBalance | undefined
  readonly limits: { readonly data: AnswerOf<typeof getLimits>['data'] | undefined; error: unknown }
}) {
  const { stage, typed } = desk
  const problem = stage.at === 'draft' ? stage.problem : undefined
  const secondsLeft = useSecondsLeft(problem)
  const amount = amountOf(typed)
  const allowance = limits.data?.[kind]
  const aboutAmount = problem !== undefined && isAboutAmount(problem)
  const ready = amount !== undefined && secondsLeft === 0
  return (
    <form
      noValidate
      className="mt-5"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) void desk.send()
      }}
    >
      <Amount
        kind={kind}
        desk={desk}
        error={aboutAmount ? amountWords(problem) : undefined}
        most={
          balance === undefined || allowance === undefined
            ? undefined
            : greatest(kind, {
                available: balance.available_balance,
                remaining: allowance.remaining,
              })
        }
      />
      <div className="my-3">
        <LimitLine
          kind={kind}
          allowance={allowance}
          resetsAt={limits.data?.resets_at}
          error={limits.error}
        />
        <LedgerList>
          <LedgerLine term={t('Available afterwards')} strong>
            <PrivateFigure>{afterwards(kind, balance, amount)}</PrivateFigure>
          </LedgerLine>
        </LedgerList>
      </div>
      {problem === undefined || aboutAmount ? null : (
        <div className="mb-3">
          <ProblemNote
            problem={problem}
            words={refusedWords(problem, kind)}
            secondsLeft={secondsLeft}
          />
        </div>
      )}
      <Button
        type="submit"
        look="primary"
        size="lg"
        className="w-full"
        disabled={!ready}
        busy={stage.at === 'sending'}
      >
        {submitLabel(kind, amount)}
      </Button>
    </form>
  )
}

function Amount({
  kind,
  desk: { typed, type, stage },
  error,
  most,
}: {
  readonly kind: TransferKind
  readonly desk: TransferDesk
  readonly error: string | undefined
  /** `undefined` while nobody knows it. */
  readonly most: string | undefined
}) {
  return (
    <div className="relative">
      <DecimalField
        label={kind === 'deposit' ? t('Amount to deposit') : t('Amount to withdraw')}
        value={typed}
        onType={type}
        placesMax={USD_SCALE}
        unit="USD"
        disabled={stage.at === 'sending'}
        error={error}
        unclear={t('Give an amount such as 250 or 250.50.')}
        understood={(text) => showUsd(text)}
      />
      <button
        type="button"
        disabled={most === undefined || parseUsd(most) === 0n || stage.at === 'sending'}
        onClick={() => type(most ?? '')}
        className="absolute -top-0.5 right-0 h-6 rounded-sm px-1.5 text-xs font-semibold text-accent underline-offset-2 hover:underline disabled:text-ink-3 disabled:no-underline"
      >
        {kind === 'deposit' ? t('All of today’s limit') : t('As much as possible')}
      </button>
    </div>
  )
}

function LimitLine({
  kind,
  allowance,
  resetsAt,
  error,
}: {
  readonly kind: TransferKind
  readonly allowance: Allowance | undefined
  readonly resetsAt: string | undefined
  readonly error: unknown
}) {
  if (allowance === undefined || resetsAt === undefined) {
    return error === null ? (
      <Skeleton className="h-18 w-full" />
    ) : (
      <p role="alert" className="min-h-18 text-sm text-ink-2">
        {t('What is left of today’s limit is not known.')} {refusalWords(error).detail}
      </p>
    )
  }
  return (
    <div className="h-18">
      <LedgerList>
        <LedgerLine
          term={kind === 'deposit' ? t('You can deposit today') : t('You can withdraw today')}
        >
          {showUsd(allowance.remaining)}
        </LedgerLine>
      </LedgerList>
      <LimitBar {...allowance} />
      <p className="mt-1.5 flex justify-between gap-3 text-xs text-ink-3">
        <span>{t('of {limit} a day', { limit: showUsd(allowance.limit) })}</span>
        <span>{t('anew {moment}', { moment: showMoment(resetsAt) })}</span>
      </p>
    </div>
  )
}

/** How much of the limit is used; the figures say it too. */
function LimitBar({ used, limit }: Allowance) {
  const whole = parseUsd(limit) ?? 0n
  const share = whole > 0n ? Number(((parseUsd(used) ?? 0n) * 1_000n) / whole) / 10 : 100
  return (
    <div aria-hidden="true" className="h-1 overflow-hidden rounded-full bg-raised">
      <div className="h-full bg-ink-3" style={{ width: `${Math.min(100, share)}%` }} />
    </div>
  )
}

function afterwards(
  kind: TransferKind,
  balance: CashBalance | undefined,
  amount: string | undefined,
): string {
  if (balance === undefined) return UNKNOWN
  const after = availableAfter(kind, balance.available_balance, amount ?? '0')
  return after === undefined ? t('more than there is') : showUsd(after)
}

function submitLabel(kind: TransferKind, amount: string | undefined): string {
  if (amount === undefined) return kind === 'deposit' ? t('Deposit') : t('Withdraw')
  return kind === 'deposit'
    ? t('Deposit {amount}', { amount: showUsd(amount) })
    : t('Withdraw {amount}', { amount: showUsd(amount) })
}
