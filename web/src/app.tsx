/** Which address is which page. What a page needs is on its way before its code has arrived. */
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
import {
  accountSearch,
  assetSearch,
  marketsSearch,
  nextSearch,
  ordersSearch,
  portfolioSearch,
  tradeSearch,
} from './page-searches.ts'

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

const markets = createRoute({
  getParentRoute: () => root,
  path: '/markets',
  validateSearch: marketsSearch,
  loader: () => wanted([prefetch(assetsQuery)]),
  component: page(() => import('./features/markets/markets-page.tsx'), 'MarketsPage'),
})

const asset = createRoute({
  getParentRoute: () => root,
  path: '/assets/$id',
  validateSearch: assetSearch,
  loaderDeps: ({ search: { interval = '1h' } }) => ({ interval }),
  loader: ({ params, deps }) =>
    wanted([prefetch(assetQuery(params.id)), prefetch(candlesQuery(params.id, deps.interval))]),
  component: page(() => import('./features/asset/asset-page.tsx'), 'AssetPage'),
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: nextSearch,
  component: page(() => import('./features/sign-in/sign-in-page.tsx'), 'SignInPage'),
})

const register = createRoute({
  getParentRoute: () => root,
  path: '/register',
  validateSearch: nextSearch,
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
  validateSearch: tradeSearch,
  loaderDeps: ({ search: { interval = '1h' } }) => ({ interval }),
  loader: ({ params, deps }) =>
    wanted([
      prefetch(assetQuery(params.id)),
      prefetch(candlesQuery(params.id, deps.interval)),
      prefetch(capabilitiesQuery),
    ]),
  component: page(() => import('./features/trade/trade-page.tsx'), 'TradePage'),
})

const orders = createRoute({
  getParentRoute: () => own,
  path: '/orders',
  validateSearch: ordersSearch,
  component: page(() => import('./features/orders/orders-page.tsx'), 'OrdersPage'),
})

const portfolio = createRoute({
  getParentRoute: () => own,
  path: '/portfolio',
  validateSearch: portfolioSearch,
  component: page(() => import('./features/portfolio/portfolio-page.tsx'), 'PortfolioPage'),
})

const account = createRoute({
  getParentRoute: () => own,
  path: '/account',
  validateSearch: accountSearch,
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
