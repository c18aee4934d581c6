import type { CashBalance, TransferAnswer } from '@cnop/contract/balance.ts'
import { useEffect, useRef } from 'react'
import { showUsd } from '../../format/money.ts'
import { showMoment } from '../../format/time.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { Receipt } from '../../ui/receipt.tsx'
import type { TransferKind } from './transfer.ts'

/** What happened, as the platform tells it. */
export function TransferReceipt({
  kind,
  amount,
  answer,
  balance,
  remaining,
  onLeave,
}: {
  readonly kind: TransferKind
  readonly amount: string
  readonly answer: TransferAnswer
  readonly balance: CashBalance | undefined
  readonly remaining: string | undefined
  readonly onLeave: () => void
}) {
  const heading = useRef<HTMLParagraphElement>(null)
  // The button that had the focus is gone.
  useEffect(() => heading.current?.focus(), [])
  return (
    <div className="mt-5 grid gap-4">
      <Receipt>
        <p
          ref={heading}
          tabIndex={-1}
          role="status"
          className="font-display text-lg font-bold outline-none"
        >
          {kind === 'deposit'
            ? t('Deposited {amount}', { amount: showUsd(amount) })
            : t('Withdrawn {amount}', { amount: showUsd(amount) })}
        </p>
        <p className="mb-2 text-xs text-ink-3">{showMoment(answer.timestamp)}</p>
        <LedgerList>
          {remaining === undefined ? null : (
            <LedgerLine term={t('Left of today’s limit')}>{showUsd(remaining)}</LedgerLine>
          )}
          {balance === undefined ? null : (
            <LedgerLine term={t('Available now')} strong>
              <PrivateFigure>{showUsd(balance.available_balance)}</PrivateFigure>
            </LedgerLine>
          )}
        </LedgerList>
        <p className="mt-3 border-t border-dashed border-field pt-3 text-xs text-ink-3">
          {answer.message}
          <span className="mt-1 flex justify-between gap-4">
            <span>{t('Transaction')}</span>
            <code className="min-w-0 text-right font-code break-all text-ink-2 select-all">
              {answer.transaction_id}
            </code>
          </span>
        </p>
      </Receipt>
      <Button onClick={onLeave}>
        {kind === 'deposit' ? t('Deposit again') : t('Withdraw again')}
      </Button>
    </div>
  )
}
