import type { LedgerProof } from '@cnop/contract/portfolio.ts'
import { useMutation } from '@tanstack/react-query'
import { Check, X } from 'lucide-react'
import { Refusal } from '../../client/refusal.tsx'
import { showCount } from '../../format/money.ts'
import { showMoment } from '../../format/time.ts'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { classes } from '../../ui/class-names.ts'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Receipt } from '../../ui/receipt.tsx'
import { Skeleton, Waiting } from '../../ui/states.tsx'
import { verifiedBooks } from './cash-queries.ts'
import { meaningOf, ruleOf } from './check-words.ts'

/** The books counted again from the first entry, while one waits, and what that proved. */
export function VerifyBooks() {
  const verify = useMutation({ mutationFn: verifiedBooks })
  const again = verify.data !== undefined || verify.error !== null
  return (
    <Panel
      title={t('Verify my books')}
      aside={
        <Button
          size="sm"
          look={again ? 'plain' : 'primary'}
          busy={verify.isPending}
          onClick={() => verify.mutate()}
        >
          {again ? t('Verify again') : t('Verify now')}
        </Button>
      }
    >
      <div aria-live="polite">
        {verify.isPending ? (
          <Waiting what={t('The books are being counted')}>
            <Skeleton className="h-44 w-full" />
          </Waiting>
        ) : verify.error !== null ? (
          <Refusal
            title={t('The books could not be counted')}
            error={verify.error}
            onRetry={() => verify.mutate()}
          />
        ) : verify.data === undefined ? (
          <p className="max-w-text text-sm text-ink-2">
            {t(
              'Every deposit, trade and fee is an entry of your journal. The platform can replay them all, from the first, and hold each against the rules of bookkeeping; you see what it finds.',
            )}
          </p>
        ) : (
          <Proof {...verify.data} />
        )}
      </div>
    </Panel>
  )
}

function Proof({ proof, tookMs }: { readonly proof: LedgerProof; readonly tookMs: number }) {
  const { ok, events, head_hash, checks, verified_at } = proof
  const broken = checks.filter((check) => !check.ok)
  return (
    <>
      <Receipt>
        <p className={classes('font-display text-lg font-bold', !ok && 'text-danger')}>
          {ok
            ? t('Your books add up')
            : t('{count, plural, one {# check failed} other {# checks failed}}', {
                count: broken.length,
              })}
        </p>
        <p className="mb-2 text-xs text-ink-3">{showMoment(verified_at)}</p>
        <LedgerList>
          <LedgerLine term={t('Entries replayed')}>{showCount(events)}</LedgerLine>
          <LedgerLine term={t('Checks passed')}>
            {t('{passed} of {all}', { passed: checks.length - broken.length, all: checks.length })}
          </LedgerLine>
          <LedgerLine term={t('Time taken')}>
            {t('{milliseconds} ms', { milliseconds: showCount(tookMs) })}
          </LedgerLine>
        </LedgerList>
        {head_hash === '' ? null : (
          <p className="mt-2 border-t border-dashed border-field pt-3 text-xs text-ink-3">
            {t('Last link of the chain')}
            <code className="mt-1 block font-code break-all text-ink-2 select-all">
              {head_hash}
            </code>
            <span className="mt-1 block">
              {t('Keep it: as long as it is found in your journal, nothing before it has changed.')}
            </span>
          </p>
        )}
        {ok ? null : (
          <p className="mt-3 text-sm">
            {t(
              'Tell who runs this platform, and show this slip. Do not trade until it is answered.',
            )}
          </p>
        )}
      </Receipt>
      <ul className="mt-4 grid gap-x-8 md:grid-cols-2">
        {[...broken, ...checks.filter((check) => check.ok)].map((check) => (
          <CheckLine key={check.name} check={check} />
        ))}
      </ul>
    </>
  )
}

function CheckLine({ check }: { readonly check: LedgerProof['checks'][number] }) {
  const { rule, says } = ruleOf(check)
  const meaning = meaningOf(rule)
  const Icon = check.ok ? Check : X
  return (
    <li className="flex gap-3 border-t border-line py-2.5 text-sm">
      <Icon
        aria-hidden="true"
        className={classes('mt-0.5 size-4 shrink-0', check.ok ? 'text-ink' : 'text-danger')}
      />
      <span className="min-w-0">
        <span className="sr-only">{check.ok ? t('Passed:') : t('Failed:')} </span>
        <span className="font-medium">{meaning ?? says}</span>
        {meaning === undefined ? null : (
          <span className="block text-xs text-ink-3">
            {rule} · {says}
          </span>
        )}
        {check.detail === undefined ? null : (
          <span className="block font-medium text-danger">{check.detail}</span>
        )}
      </span>
    </li>
  )
}
