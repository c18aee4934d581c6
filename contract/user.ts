import { type Static, Type } from 'typebox'
import { AssetId } from './inventory.ts'
import { closed, dataOf, defineRoute, Instant } from './route.ts'

const WATCHED_ASSETS_MAX = 250

const settings = {
  theme: Type.Enum(['system', 'light', 'dark']),
  palette: Type.Enum(['standard', 'colour-blind']),
  up_colour: Type.Enum(['green', 'red']),
  time_zone: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'A name of the IANA database; `system` is that of the device that shows a time',
  }),
  locale: Type.String({ pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$' }),
  live_prices: Type.Boolean(),
  hide_balances: Type.Boolean(),
}
export const Preferences = closed(settings)
export type Preferences = Static<typeof Preferences>

export const Watchlist = closed({
  asset_ids: Type.Array(AssetId, { maxItems: WATCHED_ASSETS_MAX, uniqueItems: true }),
})

const updatedAt = { updated_at: Type.Optional(Instant) }

export const getPreferences = defineRoute({
  name: 'getPreferences',
  service: 'user',
  method: 'GET',
  path: '/preferences',
  access: 'customer',
  scope: 'read',
  summary: 'My settings',
  answer: dataOf(Type.Object({ ...Preferences.properties, ...updatedAt })),
})

export const putPreferences = defineRoute({
  name: 'putPreferences',
  service: 'user',
  method: 'PUT',
  path: '/preferences',
  access: 'customer',
  scope: 'session',
  summary: 'Change my settings; what is left out stays',
  // Written out: what makes any schema partial is larger than all of the contract in a page.
  body: closed({
    theme: Type.Optional(settings.theme),
    palette: Type.Optional(settings.palette),
    up_colour: Type.Optional(settings.up_colour),
    time_zone: Type.Optional(settings.time_zone),
    locale: Type.Optional(settings.locale),
    live_prices: Type.Optional(settings.live_prices),
    hide_balances: Type.Optional(settings.hide_balances),
  }),
  answer: dataOf(Type.Object({ ...Preferences.properties, ...updatedAt })),
})

export const getWatchlist = defineRoute({
  name: 'getWatchlist',
  service: 'user',
  method: 'GET',
  path: '/watchlist',
  access: 'customer',
  scope: 'read',
  summary: 'The assets I watch, in my order',
  answer: dataOf(Type.Object({ ...Watchlist.properties, ...updatedAt })),
})

export const putWatchlist = defineRoute({
  name: 'putWatchlist',
  service: 'user',
  method: 'PUT',
  path: '/watchlist',
  access: 'customer',
  scope: 'trade',
  summary: 'Replace the list of assets I watch',
  body: Watchlist,
  answer: dataOf(Type.Object({ ...Watchlist.properties, ...updatedAt })),
  problems: ['asset-not-found'],
})
