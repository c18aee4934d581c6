/** From built pages to written ones: each kind on paper that asks for its code together with itself. */
import type { Send } from '@cnop/contract/call.ts'
import type { Log } from '@cnop/kit/log.ts'
import type { BuiltPages } from './built-pages.ts'
import { createPageWriter } from './page-writer.ts'
import { createWrittenPages, type WrittenPages } from './written-pages.ts'

export type Writing = WrittenPages & { close(): Promise<void> }

/** `undefined` where the pages were built without what writes them. */
export function writePages(
  { page, writing }: BuiltPages,
  parts: {
    readonly origin: string
    readonly send: Send
    readonly log: Log
    readonly now: () => number
  },
): Writing | undefined {
  if (writing === undefined) return undefined
  const { origin } = parts
  const plain = page.plain.toString()
  const papers = Object.fromEntries(
    Object.entries(writing.kinds).map(([kind, code]) => {
      const links = code.map(
        (href) => `<link rel="modulepreload" fetchpriority="low" href="${href}">`,
      )
      return [
        kind,
        { document: plain.replace('</head>', () => `${links.join('')}</head>`), origin },
      ]
    }),
  )
  const writer = createPageWriter({ ...parts, worker: { bundle: writing.bundle, papers } })
  const written = createWrittenPages({ ...parts, writer })
  return {
    pageAt: (path, kind) =>
      kind in papers ? written.pageAt(path, kind) : Promise.resolve(undefined),
    close: () => writer.close(),
  }
}
