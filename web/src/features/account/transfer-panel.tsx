import type { CashBalance } from '@cnop/contract/balance.ts'
import { getRouteApi } from '@tanstack/react-router'
import { t } from '../../messages.ts'
import { Tabs } from '../../ui/tabs.tsx'
import { TransferForm } from './transfer-form.tsx'

const route = getRouteApi('/own/account')

/** One of two directions, which the address remembers. */
export function TransferPanel({ balance }: { readonly balance: CashBalance | undefined }) {
  const { do: kind = 'deposit' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <section
      aria-label={t('Move cash')}
      className="rounded-lg border border-line bg-surface px-5 pt-1 pb-5"
    >
      <Tabs
        label={t('Direction')}
        value={kind}
        onPick={(picked) =>
          void navigate({
            search: (now) => ({ ...now, do: picked }),
            replace: true,
            resetScroll: false,
          })
        }
        tabs={[
          {
            value: 'deposit',
            label: t('Deposit'),
            content: <TransferForm kind="deposit" balance={balance} />,
          },
          {
            value: 'withdraw',
            label: t('Withdraw'),
            content: <TransferForm kind="withdraw" balance={balance} />,
          },
        ]}
      />
    </section>
  )
}
