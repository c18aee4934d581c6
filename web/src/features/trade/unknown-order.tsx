import type { AssetDetail } from '@cnop/contract/inventory.ts'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ProblemNote, useSecondsLeft } from '../../client/problem-note.tsx'
import { useSessionState } from '../../client/use-session.ts'
import { t } from '../../messages.ts'
import { Button, buttonClasses } from '../../ui/button.tsx'
import type { Side } from './draft.ts'
import { ReviewSlip } from './order-review.tsx'
import { momentWords } from './problem-words.ts'
import type { TicketDesk } from './tickets.ts'

/** Sent, and no answer. First it is asked whether the order is there; only then can it be sent again. */
export function UnknownOrder({
  desk,
  asset,
  side,
}: {
  readonly desk: TicketDesk
  readonly asset: AssetDetail
  readonly side: Side
}) {
  const { stage } = desk
  const signedOut = useSessionState() === 'signed-out'
  const [finding, setFinding] = useState(false)
  const secondsLeft = useSecondsLeft(stage.at === 'unknown' ? stage.problem : undefined)
  if (stage.at !== 'unknown') return null
  const { review, problem, absent } = stage

  async function find(): Promise<void> {
    setFinding(true)
    await desk.find(review)
    setFinding(false)
  }

  return (
    <div className="grid gap-4">
      <h3 tabIndex={-1} className="text-lg outline-none">
        {absent ? t('The order has not arrived') : t('It is not known whether the order arrived')}
      </h3>
      <ProblemNote
        problem={problem}
        words={momentWords(problem, asset.symbol)}
        secondsLeft={secondsLeft}
      />
      <p className="text-sm text-ink-2">
        {absent
          ? t(
              'The platform knows no such order so far. Sending it again is safe: it is the same order, and it is filled once at most.',
            )
          : t('Ask the platform before you do anything else. Nothing is sent twice.')}
      </p>
      <ReviewSlip review={review} side={side} symbol={asset.symbol} />
      {signedOut ? (
        <Link
          to="/login"
          search={{ next: `/trade/${asset.asset_id}?side=${side}` }}
          className={buttonClasses('primary', 'lg')}
        >
          {t('Sign in to find out')}
        </Link>
      ) : (
        <div className="grid gap-2">
          {absent ? (
            <Button
              look="primary"
              size="lg"
              disabled={secondsLeft > 0}
              onClick={() => void desk.send(review)}
            >
              {t('Send it again')}
            </Button>
          ) : null}
          <Button
            look={absent ? 'plain' : 'primary'}
            size="lg"
            busy={finding}
            onClick={() => void find()}
          >
            {t('Look for the order')}
          </Button>
          {absent ? (
            <Button look="quiet" onClick={desk.leave}>
              {t('Give it up')}
            </Button>
          ) : null}
        </div>
      )}
    </div>
  )
}
