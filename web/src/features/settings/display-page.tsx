import { type ReactNode, useId, useSyncExternalStore } from 'react'
import { refusalWords } from '../../client/refusal-words.ts'
import { useSessionState } from '../../client/use-session.ts'
import { showChange, showUsd } from '../../format/money.ts'
import { showMoment } from '../../format/time.ts'
import { preferenceKeeper } from '../../frame/account-preferences.ts'
import { type Appearance, choose, useAppearance } from '../../frame/appearance.ts'
import { useTitle } from '../../frame/use-title.ts'
import { Change } from '../../live/change.tsx'
import { t } from '../../messages.ts'
import { Select } from '../../ui/box.tsx'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { LedgerLine, LedgerList } from '../../ui/ledger-list.tsx'
import { Panel } from '../../ui/panel.tsx'
import { deviceZone, localeChoices, zoneNames } from './format-choices.ts'

/** How the pages look here. What is chosen holds at once: there is nothing to save. */
export function DisplayPage() {
  useTitle(t('Display'))
  const appearance = useAppearance()
  return (
    <div className="grid gap-6">
      <div className="grid gap-1">
        <h1 className="text-2xl">{t('Display')}</h1>
        <WhereItIsKept />
      </div>
      <Colours {...appearance} />
      <Formats {...appearance} />
      <Quiet {...appearance} />
    </div>
  )
}

function WhereItIsKept() {
  const signedIn = useSessionState() === 'signed-in'
  const keeping = useSyncExternalStore(preferenceKeeper.onChange, preferenceKeeper.state)
  if (signedIn && keeping.is === 'failed') {
    return (
      <p role="alert" className="flex min-h-8 flex-wrap items-center gap-x-3 text-sm text-danger">
        {t('Kept in this browser, but not in your account. {detail}', {
          detail: refusalWords(keeping.error).detail,
        })}
        <Button size="sm" onClick={() => void preferenceKeeper.retry()}>
          {t('Try again')}
        </Button>
      </p>
    )
  }
  return (
    <p className="flex min-h-8 items-center text-sm text-ink-2">
      {signedIn
        ? t('Holds at once, and is kept in your account.')
        : t('Holds at once, and is kept in this browser.')}
    </p>
  )
}

function Colours({ theme, palette, upColour }: Appearance) {
  const green = palette === 'standard' ? t('Green') : t('Blue')
  const red = palette === 'standard' ? t('Red') : t('Orange')
  return (
    <Panel title={t('Colours')} flush>
      <div className="divide-y divide-line">
        <Row title={t('Theme')}>
          <Choice
            label={t('Theme')}
            value={theme}
            onPick={(picked) => choose({ theme: picked })}
            options={[
              { value: 'system', label: t('As the device') },
              { value: 'light', label: t('Paper') },
              { value: 'dark', label: t('Ink') },
            ]}
          />
        </Row>
        <Row
          title={t('Palette')}
          hint={t(
            'Blue and orange are told apart by nearly everybody. Arrow and sign say the same.',
          )}
        >
          <Choice
            label={t('Palette')}
            value={palette}
            onPick={(picked) => choose({ palette: picked })}
            options={[
              { value: 'standard', label: t('Green and red') },
              { value: 'colour-blind', label: t('Blue and orange') },
            ]}
          />
        </Row>
        <Row title={t('Rises are')} hint={t('In East Asia red is the colour of a rise.')}>
          <Choice
            label={t('Rises are')}
            value={upColour}
            onPick={(picked) => choose({ upColour: picked })}
            options={[
              { value: 'green', label: green },
              { value: 'red', label: red },
            ]}
          />
        </Row>
        <div className="px-4 py-2">
          <LedgerList>
            <LedgerLine term={t('A rise')}>
              <Change percent="4.34" />
            </LedgerLine>
            <LedgerLine term={t('A fall')}>
              <Change percent="-1.58" />
            </LedgerLine>
          </LedgerList>
        </div>
      </div>
    </Panel>
  )
}

const SAMPLE_SUM = '1234567.8'
const SAMPLE_CHANGE = '-12.5'

function Formats({ locale, timeZone }: Appearance) {
  const ids = { zone: useId(), locale: useId() }
  return (
    <Panel title={t('Figures and times')} flush>
      <div className="divide-y divide-line">
        <Row title={t('Numbers and dates')} labelFor={ids.locale}>
          <Select
            id={ids.locale}
            className="w-full sm:w-80"
            value={locale}
            onPick={(picked) => choose({ locale: picked })}
            options={localeChoices(locale)}
          />
        </Row>
        <Row title={t('Time zone')} labelFor={ids.zone}>
          <Select
            id={ids.zone}
            className="w-full sm:w-80"
            value={timeZone}
            onPick={(picked) => choose({ timeZone: picked })}
            options={[
              { value: 'system', label: t('As the device: {zone}', { zone: deviceZone() }) },
              ...zoneNames(timeZone).map((zone) => ({
                value: zone,
                label: zone.replaceAll('_', ' '),
              })),
            ]}
          />
        </Row>
        <div className="px-4 py-2">
          <LedgerList>
            <LedgerLine term={t('A sum')}>{showUsd(SAMPLE_SUM)}</LedgerLine>
            <LedgerLine term={t('A change')}>{showChange(SAMPLE_CHANGE)}</LedgerLine>
            <LedgerLine term={t('Now')}>{showMoment(new Date().toISOString())}</LedgerLine>
          </LedgerList>
        </div>
      </div>
    </Panel>
  )
}

function Quiet({ livePrices, hideBalances, letterKeys }: Appearance) {
  return (
    <Panel title={t('Quiet')} flush>
      <div className="divide-y divide-line">
        <Row
          title={t('Live prices')}
          hint={t('Paused, they stay as they are until you let them go on.')}
        >
          <Choice
            label={t('Live prices')}
            value={livePrices ? 'live' : 'paused'}
            onPick={(picked) => choose({ livePrices: picked === 'live' })}
            options={[
              { value: 'live', label: t('Live') },
              { value: 'paused', label: t('Paused') },
            ]}
          />
        </Row>
        <Row
          title={t('Balances')}
          hint={t('Hidden, your sums are dots: for trains and shared screens.')}
        >
          <Choice
            label={t('Balances')}
            value={hideBalances ? 'hidden' : 'shown'}
            onPick={(picked) => choose({ hideBalances: picked === 'hidden' })}
            options={[
              { value: 'shown', label: t('Shown') },
              { value: 'hidden', label: t('Hidden') },
            ]}
          />
        </Row>
        <Row
          title={t('Letter keys')}
          hint={t('Single letters lead to pages and sides; “?” lists them. Of this browser alone.')}
        >
          <Choice
            label={t('Letter keys')}
            value={letterKeys ? 'on' : 'off'}
            onPick={(picked) => choose({ letterKeys: picked === 'on' })}
            options={[
              { value: 'on', label: t('On') },
              { value: 'off', label: t('Off') },
            ]}
          />
        </Row>
      </div>
    </Panel>
  )
}

/** What is set, why one might, and the setting itself at the side. */
function Row({
  title,
  hint,
  labelFor,
  children,
}: {
  readonly title: string
  readonly hint?: string
  readonly labelFor?: string
  readonly children: ReactNode
}) {
  const name = <span className="font-medium">{title}</span>
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-8 gap-y-2 px-4 py-3">
      <div className="min-w-0 max-w-[52ch] text-sm text-pretty">
        {labelFor === undefined ? name : <label htmlFor={labelFor}>{name}</label>}
        {hint === undefined ? null : <p className="text-ink-3">{hint}</p>}
      </div>
      {children}
    </div>
  )
}
