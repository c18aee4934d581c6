import { Link } from '@tanstack/react-router'
import { useTitle } from '../../frame/use-title.ts'
import { t } from '../../messages.ts'
import { buttonClasses } from '../../ui/button.tsx'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'

export function LostPage() {
  useTitle(t('No such page'))
  return (
    <div className="mx-auto grid max-w-form gap-6 px-4 pt-24 pb-12">
      <h1 className="text-2xl">{t('This page is not in the books')}</h1>
      <LedgerList>
        <LedgerLine term={t('Asked for')}>
          <code className="font-code text-xs break-all">{location.pathname}</code>
        </LedgerLine>
        <LedgerLine term={t('Found')}>{t('nothing')}</LedgerLine>
        <LedgerLine term={t('Money lost')}>$0.00</LedgerLine>
      </LedgerList>
      <p className="flex flex-wrap gap-3">
        <Link to="/markets" className={buttonClasses('primary')}>
          {t('See the markets')}
        </Link>
        <Link to="/" className={buttonClasses()}>
          {t('Go to the start')}
        </Link>
      </p>
    </div>
  )
}
