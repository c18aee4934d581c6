/** How much a request may say before its body. */
import { Problem } from '@cnop/contract/problem.ts'
import type { HttpRequest } from '@cnop/kit/http-server.ts'

const PATH_LENGTH_MAX = 2 * 1024
const URL_LENGTH_MAX = 4 * 1024
const HEADERS_MAX = 100

/** Throws `url-too-long` or `headers-too-large`. */
export function refuseOversized({ url, raw }: Pick<HttpRequest, 'url' | 'raw'>): void {
  if (url.length > URL_LENGTH_MAX || pathLengthOf(url) > PATH_LENGTH_MAX) {
    throw new Problem('url-too-long')
  }
  if (raw.rawHeaders.length > 2 * HEADERS_MAX) throw new Problem('headers-too-large')
}

function pathLengthOf(url: string): number {
  const query = url.indexOf('?')
  return query < 0 ? url.length : query
}
