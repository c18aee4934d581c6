/**
 * Requests that a page of another site has a browser send, with the customer's cookie on it. A route
 * that reads the cookie takes none of them; no route takes what a form can send.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '@cnop/contract/problem.ts'
import type { Route } from '@cnop/contract/route.ts'

export type CrossSite = {
  /** Throws `cross-site-request` or `unsupported-media-type`. */
  refuse(
    request: { readonly method: string; readonly headers: IncomingHttpHeaders },
    route: Pick<Route, 'cookie'> | undefined,
  ): void
}

/** The pages of other origins, where some may call, sign in by tokens and keys: no cookie is theirs. */
export function createCrossSite({ publicUrl }: { readonly publicUrl: string }): CrossSite {
  const { protocol } = new URL(publicUrl)

  /** A door that is reached under another name than its public one is that name's own. */
  const isOurs = (origin: string, host: string | undefined): boolean =>
    origin === publicUrl || origin === `${protocol}//${host}`

  return {
    refuse({ method, headers }, route) {
      if (method !== 'GET' && !isJsonOrNothing(headers['content-type'])) {
        throw new Problem('unsupported-media-type')
      }
      if (route?.cookie !== true) return
      const { origin, host } = headers
      const foreign =
        origin === undefined ? isElsewhere(headers['sec-fetch-site']) : !isOurs(origin, host)
      if (foreign) throw new Problem('cross-site-request')
    },
  }
}

/** A browser that hides the origin still says how far away the page is. */
const isElsewhere = (site: string | string[] | undefined): boolean =>
  site === 'cross-site' || site === 'same-site'

/** Forms send other types, also where they are empty and nothing would be parsed. */
const isJsonOrNothing = (type: string | undefined): boolean =>
  type === undefined || /^application\/json *(?:;|$)/i.test(type)
