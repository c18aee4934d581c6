/**
 * Pages that were written, kept for a few seconds and given to everyone alike: they say nothing of
 * who asks. One that is not there in time is nobody's to wait for.
 */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '@cnop/kit/log.ts'
import type { BuiltFile } from './built-pages.ts'
import type { PageBytes, PageWriter } from './page-writer.ts'

export type WrittenPage = BuiltFile & { readonly status: 200 | 404 }

export type WrittenPages = {
  /** `undefined` where it is not there in time: the browser draws the page itself then. */
  pageAt(path: string, kind: string): Promise<WrittenPage | undefined>
}

/** While it is fresh a page is given as it is; until it is old another is written meanwhile. */
const FRESH_MS = 5_000
const OLD_MS = 10_000
const WAIT_MS = 500
/** Who comes after a failure does not wait for the next. */
const FAILED_MS = 2_000
const PAGES_MAX = 256

type Kept = { readonly page: WrittenPage; readonly atMs: number }
type Writing = { readonly page: Promise<WrittenPage | undefined>; readonly sinceMs: number }

export function createWrittenPages(parts: {
  readonly writer: Pick<PageWriter, 'write'>
  readonly now: () => number
  readonly log: Log
}): WrittenPages {
  const { writer, now, log } = parts
  /** In the order of keeping, so the first is the oldest. */
  const kept = new Map<string, Kept>()
  const writing = new Map<string, Writing>()
  const failedAt = new Map<string, number>()

  function keep(path: string, page: WrittenPage): void {
    kept.delete(path)
    // What is not there could be anything: there are too many such addresses to keep.
    if (page.status !== 200) return
    kept.set(path, { page, atMs: now() })
    for (const oldest of kept.keys()) {
      if (kept.size <= PAGES_MAX) return
      kept.delete(oldest)
    }
  }

  async function bring(path: string, kind: string): Promise<WrittenPage | undefined> {
    try {
      const bytes = await writer.write(path, kind)
      log.debug({ path, took_ms: bytes.tookMs }, 'a page was written')
      const page = pageOf(path, bytes)
      keep(path, page)
      failedAt.delete(kind)
      return page
    } catch (error) {
      log.debug({ err: error, path }, 'a page was not written')
      failedAt.set(kind, now())
      return undefined
    } finally {
      writing.delete(path)
    }
  }

  function write(path: string, kind: string): Writing | undefined {
    const known = writing.get(path)
    if (known !== undefined) return known
    if (now() - (failedAt.get(kind) ?? Number.NEGATIVE_INFINITY) < FAILED_MS) return undefined
    const begun = { page: bring(path, kind), sinceMs: performance.now() }
    writing.set(path, begun)
    return begun
  }

  return {
    async pageAt(path, kind) {
      const found = kept.get(path)
      const ageMs = found === undefined ? Number.POSITIVE_INFINITY : now() - found.atMs
      if (ageMs < FRESH_MS) return found?.page
      const begun = write(path, kind)
      if (ageMs < OLD_MS) return found?.page
      if (begun === undefined) return undefined
      const leftMs = begun.sinceMs + WAIT_MS - performance.now()
      if (leftMs <= 0) return undefined
      return Promise.race([begun.page, pause(leftMs, undefined, { ref: false })])
    },
  }
}

function pageOf(path: string, { status, plain, br, gzip }: PageBytes): WrittenPage {
  const bytes = Buffer.from(plain)
  return {
    path,
    status,
    type: 'text/html; charset=utf-8',
    immutable: false,
    etag: createHash('sha256').update(bytes).digest('base64url').slice(0, 16),
    plain: bytes,
    pressed: new Map([
      ['br', Buffer.from(br)],
      ['gzip', Buffer.from(gzip)],
    ]),
  }
}
