/** Those that arrive written, each with the source of what is shown there. */
export const WRITTEN_PAGES = {
  '/': 'features/landing/landing-page.tsx',
  '/markets': 'features/markets/markets-page.tsx',
  '/assets/:id': 'features/asset/asset-page.tsx',
  '/login': 'features/sign-in/sign-in-page.tsx',
  '/register': 'features/register/register-page.tsx',
} as const

/** Every address that is a page, for the router and for the door that answers it with the pages. */
export const PAGE_PATHS = [
  '/',
  '/markets',
  '/assets/:id',
  '/login',
  '/register',
  '/forgot-password',
  '/reset-password',
  '/verify-email',
  '/dashboard',
  '/trade',
  '/trade/:id',
  '/orders',
  '/portfolio',
  '/account',
  '/settings',
  '/settings/profile',
  '/settings/security',
  '/settings/display',
] as const
