/** Of all cookies that pass the door only one does: to the routes that need it, and back from auth. */
import type { Route } from '@cnop/contract/route.ts'
import { logout, REFRESH_COOKIE } from '@cnop/contract/session.ts'

/** Signing out takes it back. */
const needsCookie = (route: Route): boolean =>
  route.service === 'auth' && (route.cookie || route.name === logout.name)

/** The `cookie` header that goes on to the service of this route. */
export function cookieIn(route: Route, cookies: string | undefined): string | undefined {
  if (cookies === undefined || !needsCookie(route)) return undefined
  const pairs = cookies.split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${REFRESH_COOKIE}=`))
}

/** The `set-cookie` header that goes back to the client. */
export function cookieOut(
  route: Route,
  set: string | readonly string[] | undefined,
): string | undefined {
  if (set === undefined || route.service !== 'auth') return undefined
  return [set].flat().find((cookie) => cookie.startsWith(`${REFRESH_COOKIE}=`))
}
