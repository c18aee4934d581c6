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
] as const
