/** Of all cookies that pass the door only one does: to the routes that need it, and back from auth. */
import type { Route } from '@cnop/contract/route.ts'
import { login, logout, REFRESH_COOKIE } from '@cnop/contract/session.ts'

/** Signing in ends the session that it names, and signing out takes it back. */
const needsCookie = (route: Route): boolean =>
  route.service === 'auth' && (route.cookie || [login.name, logout.name].includes(route.name))

/** The `cookie` header that goes on to the service of this route; auth takes none of several. */
export function cookieIn(route: Route, cookies: string | undefined): string | undefined {
  if (cookies === undefined || !needsCookie(route)) return undefined
  const pairs = cookies.split(';').map((pair) => pair.trim())
  const ours = pairs.filter((pair) => pair.startsWith(`${REFRESH_COOKIE}=`))
  return ours.length === 0 ? undefined : ours.join('; ')
}

/** The `set-cookie` header that goes back to the client. */
export function cookieOut(
  route: Route,
  set: string | readonly string[] | undefined,
): string | undefined {
  if (set === undefined || route.service !== 'auth') return undefined
  return [set].flat().find((cookie) => cookie.startsWith(`${REFRESH_COOKIE}=`))
}
