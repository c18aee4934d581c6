import type { Problem } from '@cnop/contract/problem.ts'
import { ProblemNote, useSecondsLeft } from '../../client/problem-note.tsx'
import { refusalWords } from '../../client/refusal-words.ts'
import { showUsd } from '../../format/money.ts'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import type { TransferKind } from './transfer.ts'

/** It was sent, and nobody knows whether it arrived. To send it again is safe; to forget it is not. */
export function UnknownTransfer({
  kind,
  amount,
  problem,
  onSend,
  onLeave,
}: {
  readonly kind: TransferKind
  readonly amount: string
  readonly problem: Problem
  readonly onSend: () => void
  readonly onLeave: () => void
}) {
  const secondsLeft = useSecondsLeft(problem)
  return (
    <div className="mt-5 grid gap-4">
      <p className="font-display text-lg font-bold">
        {kind === 'deposit'
          ? t('Has the deposit of {amount} arrived?', { amount: showUsd(amount) })
          : t('Has the withdrawal of {amount} arrived?', { amount: showUsd(amount) })}
      </p>
      <p className="text-sm text-ink-2">
        {t(
          'Nobody knows yet. Ask again: it is the same request under the same name, so the money moves once at most.',
        )}
      </p>
      <ProblemNote
        problem={problem}
        words={refusalWords(problem).detail}
        secondsLeft={secondsLeft}
      />
      <Button look="primary" size="lg" disabled={secondsLeft > 0} onClick={onSend}>
        {t('Ask again')}
      </Button>
      <Button look="quiet" onClick={onLeave}>
        {t('Leave it; I look into the ledger')}
      </Button>
    </div>
  )
}
