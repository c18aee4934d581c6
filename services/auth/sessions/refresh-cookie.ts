/** The cookie that carries a refresh token: for this platform's own pages and routes alone. */
import { API_BASE } from '@cnop/contract/route.ts'
import { REFRESH_COOKIE } from '@cnop/contract/session.ts'

export type RefreshCookie = {
  /** The value of a `Set-Cookie` header. */
  set(token: string, lifeSeconds: number): string
  /** Takes the cookie back. */
  readonly cleared: string
}

/** Over https a browser keeps it from every connection that is not. */
export function createRefreshCookie(publicUrl: string): RefreshCookie {
  const secure = publicUrl.startsWith('https:') ? '; Secure' : ''
  const terms = `Path=${API_BASE}/auth; HttpOnly; SameSite=Strict${secure}`
  const set = (token: string, lifeSeconds: number): string =>
    `${REFRESH_COOKIE}=${token}; Max-Age=${lifeSeconds}; ${terms}`
  return { set, cleared: set('', 0) }
}

/** None of several: a page of another host of the same site can have planted one beside ours. */
export function refreshTokenIn(cookies: string | undefined): string | undefined {
  const pairs = (cookies?.split(';') ?? []).map((pair) => pair.trim().split(/=(.*)/s))
  const [ours, ...more] = pairs.filter(([name]) => name === REFRESH_COOKIE)
  return ours === undefined || more.length > 0 ? undefined : (ours[1] ?? '')
}
