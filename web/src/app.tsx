/** Which address is which page. What a page needs is on its way before its code has arrived. */
import { ASSET_ID_PATTERN, CANDLE_INTERVALS, CATEGORIES } from '@cnop/contract/inventory.ts'
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
  redirect,
} from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { arriving } from './client/arrival.ts'
import { session } from './client/door.ts'
import { onServer } from './client/on-server.ts'
import {
  assetQuery,
  assetsQuery,
  candlesQuery,
  capabilitiesQuery,
  queryClient,
} from './client/queries.ts'
import { Broken } from './frame/broken.tsx'
import { Frame } from './frame/frame.tsx'

const SIDES = ['buy', 'sell'] as const
const ASSET_ID = new RegExp(ASSET_ID_PATTERN)
const WORD = /^-?[a-z0-9_]{1,30}$/
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/
const ORDER_ID = /^[A-Za-z0-9_-]{1,64}$/

const prefetch: typeof queryClient.prefetchQuery = (query) => queryClient.prefetchQuery(query)

/** A browser draws the page meanwhile; the door writes it when everything is there. */
const wanted = (answers: readonly Promise<void>[]): Promise<unknown> | undefined =>
  onServer ? Promise.all(answers) : undefined

/** Comes when it is wanted, or a moment before. */
const page = <Name extends string>(
  load: () => Promise<{ readonly [K in Name]: () => ReactNode }>,
  name: Name,
) => lazyRouteComponent(arriving(load), name)

const root = createRootRoute({
  component: Frame,
  notFoundComponent: page(() => import('./features/lost/lost-page.tsx'), 'LostPage'),
  errorComponent: Broken,
})

const landing = createRoute({
  getParentRoute: () => root,
  path: '/',
  loader: () => wanted([prefetch(assetsQuery), prefetch(capabilitiesQuery)]),
  component: page(() => import('./features/landing/landing-page.tsx'), 'LandingPage'),
})

type MarketSort = 'rank' | 'name' | `${'' | '-'}${'price' | 'change' | 'volume' | 'cap'}`
const MARKET_SORT = /^(rank|name|-?(price|change|volume|cap))$/

type MarketsSearch = {
  readonly q?: string | undefined
  readonly category?: (typeof CATEGORIES)[number] | undefined
  readonly sort?: MarketSort | undefined
  readonly watched?: true | undefined
}

const markets = createRoute({
  getParentRoute: () => root,
  path: '/markets',
  validateSearch: (search: Record<string, unknown>): MarketsSearch => ({
    ...(typeof search['q'] === 'string' && search['q'] !== '' ? { q: search['q'] } : {}),
    ...oneOf('category', search['category'], CATEGORIES),
    ...(matching('sort', search['sort'], MARKET_SORT) as { readonly sort?: MarketSort }),
    ...(search['watched'] === true ? { watched: true } : {}),
  }),
  loader: () => wanted([prefetch(assetsQuery)]),
  component: page(() => import('./features/markets/markets-page.tsx'), 'MarketsPage'),
})

const asset = createRoute({
  getParentRoute: () => root,
  path: '/assets/$id',
  validateSearch: (search: Record<string, unknown>) =>
    oneOf('interval', search['interval'], CANDLE_INTERVALS),
  loaderDeps: ({ search: { interval = '1h' } }) => ({ interval }),
  loader: ({ params, deps }) =>
    wanted([prefetch(assetQuery(params.id)), prefetch(candlesQuery(params.id, deps.interval))]),
  component: page(() => import('./features/asset/asset-page.tsx'), 'AssetPage'),
})

const leadsOn = {
  validateSearch: (search: Record<string, unknown>): { readonly next?: string } =>
    isOwnPath(search['next']) ? { next: search['next'] } : {},
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/login',
  ...leadsOn,
  component: page(() => import('./features/sign-in/sign-in-page.tsx'), 'SignInPage'),
})

const register = createRoute({
  getParentRoute: () => root,
  path: '/register',
  ...leadsOn,
  component: page(() => import('./features/register/register-page.tsx'), 'RegisterPage'),
})

const password = () => import('./features/password/password-pages.tsx')

const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: '/forgot-password',
  component: page(password, 'ForgotPasswordPage'),
})

const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  component: page(password, 'ResetPasswordPage'),
})

const verifyEmail = createRoute({
  getParentRoute: () => root,
  path: '/verify-email',
  component: page(password, 'VerifyEmailPage'),
})

/** Pages of a signed-in customer; a stranger is asked who he is and led back. */
const signedIn = {
  beforeLoad: async ({ location }: { readonly location: { readonly href: string } }) => {
    const token = await session.token().catch(() => undefined)
    if (token === undefined && session.state() === 'signed-out') {
      throw redirect({ to: '/login', search: { next: location.href } })
    }
  },
}

const own = createRoute({ getParentRoute: () => root, id: 'own', ...signedIn })

const dashboard = createRoute({
  getParentRoute: () => own,
  path: '/dashboard',
  component: page(() => import('./features/dashboard/dashboard-page.tsx'), 'DashboardPage'),
})

/** Where trading begins when no asset was named. */
const anyTrade = createRoute({
  getParentRoute: () => root,
  path: '/trade',
  beforeLoad: () => {
    throw redirect({ to: '/trade/$id', params: { id: 'BTC' }, replace: true })
  },
})

const trade = createRoute({
  getParentRoute: () => root,
  path: '/trade/$id',
  validateSearch: (search: Record<string, unknown>) => ({
    ...oneOf('side', search['side'], SIDES),
    ...oneOf('interval', search['interval'], CANDLE_INTERVALS),
  }),
  loaderDeps: ({ search: { interval = '1h' } }) => ({ interval }),
  loader: ({ params, deps }) =>
    wanted([
      prefetch(assetQuery(params.id)),
      prefetch(candlesQuery(params.id, deps.interval)),
      prefetch(capabilitiesQuery),
    ]),
  component: page(() => import('./features/trade/trade-page.tsx'), 'TradePage'),
})

type OrdersSearch = {
  readonly asset?: string
  /** The page knows which there are. */
  readonly status?: string
  readonly type?: string
  /** The one whose details are open. */
  readonly order?: string
}

const orders = createRoute({
  getParentRoute: () => own,
  path: '/orders',
  validateSearch: (search: Record<string, unknown>): OrdersSearch => ({
    ...matching('asset', search['asset'], ASSET_ID),
    ...matching('status', search['status'], WORD),
    ...matching('type', search['type'], WORD),
    ...matching('order', search['order'], ORDER_ID),
  }),
  component: page(() => import('./features/orders/orders-page.tsx'), 'OrdersPage'),
})

type PortfolioSearch = {
  /** The page knows which there are. */
  readonly period?: string
  readonly sort?: string
  /** The one whose history is open. */
  readonly asset?: string
}

const portfolio = createRoute({
  getParentRoute: () => own,
  path: '/portfolio',
  validateSearch: (search: Record<string, unknown>): PortfolioSearch => ({
    ...matching('period', search['period'], WORD),
    ...matching('sort', search['sort'], WORD),
    ...matching('asset', search['asset'], ASSET_ID),
  }),
  component: page(() => import('./features/portfolio/portfolio-page.tsx'), 'PortfolioPage'),
})

type AccountSearch = {
  readonly do?: 'deposit' | 'withdraw'
  /** The page knows which there are. */
  readonly type?: string
  /** Days of the chosen time zone, both included. */
  readonly from?: string
  readonly to?: string
}

const account = createRoute({
  getParentRoute: () => own,
  path: '/account',
  validateSearch: (search: Record<string, unknown>): AccountSearch => ({
    ...oneOf('do', search['do'], ['deposit', 'withdraw'] as const),
    ...matching('type', search['type'], WORD),
    ...matching('from', search['from'], DAY),
    ...matching('to', search['to'], DAY),
  }),
  component: page(() => import('./features/account/account-page.tsx'), 'AccountPage'),
})

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: page(() => import('./features/settings/settings-layout.tsx'), 'SettingsLayout'),
})

const anySettings = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/profile', replace: true })
  },
})

const profile = createRoute({
  getParentRoute: () => settings,
  path: '/profile',
  ...signedIn,
  component: page(() => import('./features/settings/profile-page.tsx'), 'ProfilePage'),
})

const security = createRoute({
  getParentRoute: () => settings,
  path: '/security',
  ...signedIn,
  component: page(() => import('./features/settings/security-page.tsx'), 'SecurityPage'),
})

/** For strangers too: how the pages look is nobody's secret. */
const display = createRoute({
  getParentRoute: () => settings,
  path: '/display',
  component: page(() => import('./features/settings/display-page.tsx'), 'DisplayPage'),
})

/** Only addresses of this origin: `//elsewhere` is another one. */
const isOwnPath = (value: unknown): value is string =>
  typeof value === 'string' && /^\/(?![/\\])/.test(value)

function oneOf<Name extends string, T extends string>(
  name: Name,
  value: unknown,
  known: readonly T[],
): { readonly [K in Name]?: T } {
  const found = known.find((one) => one === value)
  return (found === undefined ? {} : { [name]: found }) as { readonly [K in Name]?: T }
}

function matching<Name extends string>(
  name: Name,
  value: unknown,
  form: RegExp,
): { readonly [K in Name]?: string } {
  const fits = typeof value === 'string' && form.test(value)
  return (fits ? { [name]: value } : {}) as { readonly [K in Name]?: string }
}

const pages = root.addChildren([
  landing,
  markets,
  asset,
  signIn,
  register,
  forgotPassword,
  resetPassword,
  verifyEmail,
  anyTrade,
  trade,
  settings.addChildren([anySettings, profile, security, display]),
  own.addChildren([orders, dashboard, portfolio, account]),
])

/** `history`: where there is no browser to have one. */
export const createPages = (history?: RouterHistory) =>
  createRouter({
    routeTree: pages,
    defaultPreload: 'intent',
    scrollRestoration: history === undefined,
    defaultPendingMs: 300,
    ...(history === undefined ? {} : { history }),
    // Of a page that breaks only the page is lost, and the frame stays.
    defaultErrorComponent: Broken,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPages>
  }
}
