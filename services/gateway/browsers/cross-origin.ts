/**
 * Which pages of other origins may call this door (CORS): those that are configured, and no other.
 * They come with a token or a key; the cookie stays with our own pages.
 */
import type { IncomingHttpHeaders } from 'node:http'

export type CrossOrigin = {
  /** Headers of every answer to this request; nothing for a page that may not read it. */
  headersFor(headers: IncomingHttpHeaders): Readonly<Record<string, string>>
  /** The answer to a browser that asks before it sends; `undefined` for what is no such question. */
  preflight(
    method: string,
    headers: IncomingHttpHeaders,
  ): Readonly<Record<string, string>> | undefined
}

const NOTHING = {}

const METHODS = 'GET, POST, PUT, PATCH, DELETE'
const HEADERS_TAKEN = [
  'authorization',
  'content-type',
  'idempotency-key',
  'last-event-id',
  'traceparent',
  'x-request-id',
  'x-second-factor',
].join(', ')
/** Beside those that a page may always read. */
const HEADERS_SHOWN = [
  'idempotent-replayed',
  'retry-after',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-request-id',
].join(', ')
const PREFLIGHT_LIFE_SECONDS = '600'

export function createCrossOrigin(origins: readonly string[]): CrossOrigin {
  const allowed = new Set(origins)
  if (allowed.size === 0) return { headersFor: () => NOTHING, preflight: () => undefined }
  return {
    headersFor({ origin }) {
      if (origin === undefined || !allowed.has(origin)) return { vary: 'Origin' }
      return {
        vary: 'Origin',
        'access-control-allow-origin': origin,
        'access-control-expose-headers': HEADERS_SHOWN,
      }
    },
    preflight(method, headers) {
      if (method !== 'OPTIONS' || !allowed.has(headers.origin ?? '')) return undefined
      if (headers['access-control-request-method'] === undefined) return undefined
      return {
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': HEADERS_TAKEN,
        'access-control-max-age': PREFLIGHT_LIFE_SECONDS,
      }
    },
  }
}
