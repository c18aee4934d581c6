/** The pages at the door: files by their names, and the one page under every address that is one. */
import type { HttpReply, HttpRequest, HttpServer } from '@cnop/kit/http-server.ts'
import { negotiated } from './accepted-encoding.ts'
import type { BuiltFile, BuiltPages } from './built-pages.ts'

/** Scripts, styles and everything else come from this origin and from nowhere else. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const YEAR = 'public, max-age=31536000, immutable'
/** Kept, and asked about each time: the answer is mostly that it is the same. */
const ASK_AGAIN = 'no-cache'

const METHODS = ['GET', 'HEAD']

export function servePages({ app }: HttpServer, { paths, page, files }: BuiltPages): void {
  for (const file of files) {
    app.route({
      method: METHODS,
      url: file.path,
      handler: async (request, reply) => hand(file, request, reply),
    })
  }
  for (const url of paths) {
    app.route({
      method: METHODS,
      url,
      handler: async (request, reply) => handPage(page, request, reply),
    })
  }
}

/** Who reads with a browser and asks for nothing we have is shown a page that says so. */
export const showLost =
  ({ page }: BuiltPages) =>
  (request: HttpRequest, reply: HttpReply): HttpReply | undefined => {
    const { method, url, headers } = request
    const isPerson = method === 'GET' && headers.accept?.includes('text/html') === true
    if (!isPerson || url.startsWith('/api/')) return undefined
    return handPage(page, request, reply.code(404))
  }

function handPage(page: BuiltFile, request: HttpRequest, reply: HttpReply): HttpReply {
  return hand(page, request, reply.header('content-security-policy', PAGE_POLICY))
}

function hand(file: BuiltFile, request: HttpRequest, reply: HttpReply): HttpReply {
  const encoding = negotiated(request.headers['accept-encoding'], file.pressed)
  const etag = `"${file.etag}${encoding === undefined ? '' : `-${encoding}`}"`
  void reply.headers({
    'cache-control': file.immutable ? YEAR : ASK_AGAIN,
    vary: 'Accept-Encoding',
    etag,
  })
  if (reply.statusCode === 200 && request.headers['if-none-match']?.includes(etag)) {
    return reply.code(304).send()
  }
  if (encoding !== undefined) void reply.header('content-encoding', encoding)
  const bytes = encoding === undefined ? file.plain : file.pressed.get(encoding)
  return reply.type(file.type).send(bytes)
}
