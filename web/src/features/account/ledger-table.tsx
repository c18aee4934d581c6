import type { CashTransaction } from '@cnop/contract/balance.ts'
import { Link } from '@tanstack/react-router'
import { showSignedUsd } from '../../format/money.ts'
import { showMoment } from '../../format/time.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { t } from '../../messages.ts'
import { classes } from '../../ui/class-names.ts'
import { Skeleton } from '../../ui/states.tsx'
import { isOfOrder, transactionName } from './transaction-words.ts'

const CELL = 'px-2 first:pl-4 last:pr-4'
const WIDE = 'hidden sm:table-cell'

export function LedgerTable({
  transactions,
}: {
  /** `undefined` while they are on their way. */
  readonly transactions: readonly CashTransaction[] | undefined
}) {
  return (
    <table aria-label={t('Cash ledger')} className="w-full table-fixed border-collapse text-sm">
      <colgroup>
        <col className="hidden w-[28%] sm:table-column" />
        <col />
        <col className="hidden w-[26%] sm:table-column" />
        <col className="w-[38%] sm:w-[22%]" />
      </colgroup>
      <thead className="hidden text-ink-3 sm:table-header-group">
        <tr className="h-10">
          <th scope="col" className={classes(CELL, 'text-left font-normal')}>
            {t('Time')}
          </th>
          <th scope="col" className={classes(CELL, 'text-left font-normal')}>
            {t('Type')}
          </th>
          <th scope="col" className={classes(CELL, 'text-left font-normal')}>
            {t('Reference')}
          </th>
          <th scope="col" className={classes(CELL, 'text-right font-normal')}>
            {t('Amount')}
          </th>
        </tr>
      </thead>
      {transactions === undefined ? (
        <Placeholders />
      ) : (
        <tbody>
          {transactions.map((one) => (
            <Line key={one.transaction_id} transaction={one} />
          ))}
        </tbody>
      )}
    </table>
  )
}

function Line({ transaction }: { readonly transaction: CashTransaction }) {
  const { transaction_type, amount, created_at, reference_id } = transaction
  return (
    <tr className="h-14 border-t border-line sm:h-12">
      <td className={classes(WIDE, CELL, 'whitespace-nowrap text-ink-2')}>
        {showMoment(created_at)}
      </td>
      <th scope="row" className="pr-2 pl-4 text-left font-medium sm:pl-2">
        {transactionName(transaction_type)}
        <span className="block text-xs font-normal text-ink-3 sm:hidden">
          {showMoment(created_at)}
        </span>
      </th>
      <td className={classes(WIDE, CELL)}>
        <Reference id={reference_id} ofOrder={isOfOrder(transaction_type)} />
      </td>
      <td className={classes(CELL, 'text-right font-medium whitespace-nowrap')}>
        <PrivateFigure>{showSignedUsd(amount)}</PrivateFigure>
      </td>
    </tr>
  )
}

/** Identifiers differ in their last letters; the first ones are the time. */
function Reference({ id, ofOrder }: { readonly id: string; readonly ofOrder: boolean }) {
  const short = <code className="font-code text-xs">…{id.slice(-8)}</code>
  return ofOrder ? (
    <Link
      to="/orders"
      search={{ order: id }}
      title={id}
      className="whitespace-nowrap text-accent hover:underline"
    >
      {t('Order')} {short}
    </Link>
  ) : (
    <span title={id} className="whitespace-nowrap text-ink-3">
      {short}
    </span>
  )
}

const PLACES = Array.from({ length: 10 }, (_, index) => index)

function Placeholders() {
  return (
    <tbody aria-busy="true">
      {PLACES.map((place) => (
        <tr key={place} className="h-14 border-t border-line sm:h-12">
          <td className={classes(WIDE, CELL)}>
            <Skeleton className="h-5 w-32" />
          </td>
          <td className="pr-2 pl-4 sm:pl-2">
            <Skeleton className="h-5 w-24" />
          </td>
          <td className={classes(WIDE, CELL)}>
            <Skeleton className="h-5 w-28" />
          </td>
          <td className={CELL}>
            <Skeleton className="ml-auto h-5 w-20" />
          </td>
        </tr>
      ))}
    </tbody>
  )
}
