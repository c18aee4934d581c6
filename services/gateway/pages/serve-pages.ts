/** The pages at the door: files by their names, and the one page under every address that is one. */
import { createHash } from 'node:crypto'
import type { HttpReply, HttpRequest, HttpServer } from '@cnop/kit/http-server.ts'
import { negotiated } from './accepted-encoding.ts'
import type { BuiltFile, BuiltPages } from './built-pages.ts'
import type { WrittenPages } from './written-pages.ts'

/** Everything comes from this origin; the sheet and the script that stand in the page itself may, as they were built. */
function policyOf({ plain }: BuiltFile): string {
  const document = plain.toString()
  const own = (tag: string): string => {
    const text = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(document)?.[1]
    return text === undefined
      ? ''
      : ` 'sha256-${createHash('sha256').update(text).digest('base64')}'`
  }
  return [
    "default-src 'none'",
    `script-src 'self'${own('script')}`,
    `style-src 'self'${own('style')}`,
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const YEAR = 'public, max-age=31536000, immutable'
/** Kept, and asked about each time: the answer is mostly that it is the same. */
const ASK_AGAIN = 'no-cache'

const METHODS = ['GET', 'HEAD']

export function servePages(
  { app }: HttpServer,
  { paths, page, files }: BuiltPages,
  written: WrittenPages | undefined,
): void {
  for (const file of files) {
    app.route({
      method: METHODS,
      url: file.path,
      handler: async (request, reply) => hand(file, request, reply),
    })
  }
  const policy = policyOf(page)
  for (const url of paths) {
    app.route({
      method: METHODS,
      url,
      handler: async (request, reply) => {
        const found = await written?.pageAt(pathOf(url, request), url)
        if (found !== undefined) void reply.code(found.status)
        return hand(found ?? page, request, reply.header('content-security-policy', policy))
      },
    })
  }
}

/** Without a query: that is the browser's to follow, and would make endless pages of one. */
const pathOf = (url: string, { params }: HttpRequest): string =>
  url.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent((params as Record<string, string>)[name] ?? ''),
  )

/** Who reads with a browser and asks for nothing we have is shown a page that says so. */
export function showLost({ page }: BuiltPages) {
  const policy = policyOf(page)
  return (request: HttpRequest, reply: HttpReply): HttpReply | undefined => {
    const { method, url, headers } = request
    const isPerson = method === 'GET' && headers.accept?.includes('text/html') === true
    if (!isPerson || url.startsWith('/api/')) return undefined
    return hand(page, request, reply.code(404).header('content-security-policy', policy))
  }
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
