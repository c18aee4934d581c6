/** What is chosen here and what the account has kept, brought together while somebody is signed in. */
import { getPreferences, type Preferences, putPreferences } from '@cnop/contract/user.ts'
import { ask, session } from '../client/door.ts'
import { type Appearance, adopt, onChoice, useAppearance } from './appearance.ts'
import { createPreferenceKeeper } from './preference-keeper.ts'

export const preferenceKeeper = createPreferenceKeeper({
  read: async () => (await ask(getPreferences, {})).data,
  write: (change) => ask(putPreferences, { body: change }),
  here: () => wireOf(useAppearance.getState()) as Preferences,
  adopt: (change) => adopt(appearanceOf(change)),
})

/** Follows from the first word about a session, which was said before this code arrived. */
export function followAccount(): void {
  void preferenceKeeper.begin()
  session.onChange((change) => {
    if (change === 'ended') preferenceKeeper.end()
    else if (change === 'began' || preferenceKeeper.state().is === 'local')
      void preferenceKeeper.begin()
  })
  onChoice((change) => {
    const wire = wireOf(change)
    if (session.state() === 'signed-in' && Object.keys(wire).length > 0)
      void preferenceKeeper.chose(wire)
  })
}

function wireOf({
  upColour,
  livePrices,
  hideBalances,
  timeZone,
  letterKeys: _ofThisBrowser,
  ...same
}: Partial<Appearance>): Partial<Preferences> {
  return present({
    ...same,
    up_colour: upColour,
    live_prices: livePrices,
    hide_balances: hideBalances,
    time_zone: timeZone,
  })
}

function appearanceOf({
  up_colour,
  live_prices,
  hide_balances,
  time_zone,
  ...same
}: Partial<Preferences>): Partial<Appearance> {
  return present({
    ...same,
    upColour: up_colour,
    livePrices: live_prices,
    hideBalances: hide_balances,
    timeZone: time_zone,
  })
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

const present = <T extends object>(values: T): Present<T> =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Present<T>
