/** For every route, something that its rightful caller could ask. */
import { pathOf } from '@cnop/contract/call.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import type { Route } from '@cnop/contract/route.ts'
import { freshKey, newPerson, newUsername, PASSWORD } from './customers.ts'

export const ALL_ROUTES: readonly Route[] = PUBLIC_ROUTES

/** An id of the form that orders, sessions and keys have, which is nobody's. */
export const UNKNOWN_ID = '01J00000000000000000000000'
const NO_LINK = 'n'.repeat(43)
const buying = { order_type: 'market_buy', asset_id: 'BTC', notional: '1' }

const BODIES: Readonly<Record<string, () => unknown>> = {
  register: () => newPerson(),
  login: () => ({ username: newUsername(), password: PASSWORD }),
  logout: () => ({}),
  updateProfile: () => ({ first_name: 'Mallory' }),
  changeEmail: () => ({ email: `${newUsername()}@example.org`, current_password: PASSWORD }),
  changePassword: () => ({ current_password: PASSWORD, new_password: `${PASSWORD} again` }),
  forgotPassword: () => ({ email: 'nobody@example.org' }),
  resetPassword: () => ({ token: NO_LINK, new_password: `${PASSWORD} again` }),
  verifyEmail: () => ({ token: NO_LINK }),
  beginSecondFactor: () => ({ password: PASSWORD }),
  confirmSecondFactor: () => ({ code: '000000' }),
  createApiKey: () => ({ name: 'a key', scopes: ['read'], password: PASSWORD }),
  putPreferences: () => ({ theme: 'dark' }),
  putWatchlist: () => ({ asset_ids: ['BTC'] }),
  deposit: () => ({ amount: '1' }),
  withdraw: () => ({ amount: '1' }),
  claimReward: () => ({ phrase: 'a phrase' }),
  placeOrder: () => buying,
  previewOrder: () => buying,
}

/** Throws for a route that takes a body and has none here, so that a new one is not forgotten. */
export function rightfulBody(route: Route): unknown {
  if (route.body === undefined) return undefined
  const make = BODIES[route.name]
  if (make === undefined) throw new Error(`Say in rightful-requests.ts what ${route.name} takes.`)
  return make()
}

type Ids = Readonly<Record<string, string>>

/** Ids that are not given are nobody's. */
export const rightfulPath = (route: Route, ids: Ids = {}): string =>
  pathOf(route, {
    asset_id: 'BTC',
    order_id: UNKNOWN_ID,
    session_id: UNKNOWN_ID,
    key_id: UNKNOWN_ID,
    ...ids,
  })

export type RightfulRequest = {
  readonly method: string
  readonly path: string
  readonly body?: string
  readonly headers: Record<string, string>
}

export function rightfulRequest(route: Route, ids: Ids = {}): RightfulRequest {
  const body = rightfulBody(route)
  return {
    method: route.method,
    path: rightfulPath(route, ids),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: route.idempotent ? { 'idempotency-key': freshKey() } : {},
  }
}
