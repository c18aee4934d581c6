import type { ReactNode } from 'react'
import { t } from '../messages.ts'
import { Dialog } from '../ui/dialog.tsx'
import { LedgerLine, LedgerList } from '../ui/ledger-list.tsx'
import { closeOverlay } from './overlay.ts'

/** What the keys do, for who asks with one. */
export function ShortcutList() {
  return (
    <Dialog open onClose={closeOverlay} title={t('Keyboard shortcuts')}>
      <div className="grid gap-5 p-5">
        <Group title={t('Everywhere')}>
          <Line does={t('Search assets and pages')} keys={['/']} or={['Ctrl', 'K']} />
          <Line does={t('Hide balances, or show them')} keys={['h']} />
          <Line does={t('This list')} keys={['?']} />
        </Group>
        <Group title={t('Go to')}>
          <Line does={t('Markets')} keys={['g', 'm']} />
          <Line does={t('Trade')} keys={['g', 't']} />
          <Line does={t('Dashboard')} keys={['g', 'd']} />
          <Line does={t('Portfolio')} keys={['g', 'p']} />
          <Line does={t('Orders')} keys={['g', 'o']} />
          <Line does={t('Account')} keys={['g', 'a']} />
        </Group>
        <Group title={t('While trading')}>
          <Line does={t('Buy')} keys={['b']} />
          <Line does={t('Sell')} keys={['s']} />
          <Line does={t('Read the chart, candle by candle')} keys={['←', '→']} />
        </Group>
        <p className="text-xs text-ink-3">
          {t('No letter does anything while you type. The display settings switch them off.')}
        </p>
      </div>
    </Dialog>
  )
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3 className="font-text text-xs font-normal tracking-normal text-ink-3">{title}</h3>
      <LedgerList>{children}</LedgerList>
    </section>
  )
}

function Line({
  does,
  keys,
  or,
}: {
  readonly does: string
  readonly keys: readonly string[]
  readonly or?: readonly string[]
}) {
  return (
    <LedgerLine term={does}>
      <Keys of={keys} />
      {or === undefined ? null : (
        <>
          <span className="mx-2 text-sm font-normal text-ink-3">{t('or')}</span>
          <Keys of={or} />
        </>
      )}
    </LedgerLine>
  )
}

function Keys({ of }: { readonly of: readonly string[] }) {
  return (
    <span className="inline-flex gap-1">
      {of.map((key) => (
        <kbd
          key={key}
          className="grid h-6 min-w-6 place-items-center rounded-sm border border-field/60 bg-raised px-1.5 font-code text-xs"
        >
          {key}
        </kbd>
      ))}
    </span>
  )
}
