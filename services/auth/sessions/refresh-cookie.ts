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

/** Of several with its name the first: browsers send the one of the longest path first. */
export function refreshTokenIn(cookies: string | undefined): string | undefined {
  for (const pair of cookies?.split(';') ?? []) {
    const [name = '', value = ''] = pair.trim().split(/=(.*)/s)
    if (name === REFRESH_COOKIE) return value
  }
  return undefined
}
