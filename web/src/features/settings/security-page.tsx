import { useTitle } from '../../frame/use-title.ts'
import { t } from '../../messages.ts'
import { ApiKeysPanel } from './api-keys-panel.tsx'
import { PasswordPanel } from './password-panel.tsx'
import { SecondFactorPanel } from './second-factor-panel.tsx'
import { SessionsPanel } from './sessions-panel.tsx'

export function SecurityPage() {
  useTitle(t('Security'))
  return (
    <div className="grid gap-6">
      <h1 className="text-2xl">{t('Security')}</h1>
      <PasswordPanel />
      <SecondFactorPanel />
      <SessionsPanel />
      <ApiKeysPanel />
    </div>
  )
}
