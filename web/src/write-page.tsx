/**
 * A public page as a document, written at the door: what a stranger sees, with what the platform said
 * about it beside, so that the browser can take it over without asking again.
 */
import type { Send } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { createPages } from './app.tsx'
import { askThrough } from './client/door.ts'
import { queryClient } from './client/queries.ts'
import { chooseFormats, WRITTEN_IN } from './format/formats.ts'
import { titleAsked } from './frame/use-title.ts'
import { descriptionOf } from './page-descriptions.ts'
import { knownQueries, type TakenOver } from './take-over.ts'

export type WrittenPage = {
  /** 404 where the address names nothing that there is. */
  readonly status: 200 | 404
  readonly document: string
}

/** The document that every page begins with, and the origin under which people reach it. */
export type Paper = { readonly document: string; readonly origin: string }

/**
 * One at a time: what the pages know is kept in one place. Throws where the platform did not say what
 * the page shows.
 * @public The door calls it, from the files of the build.
 */
export async function writePage(path: string, paper: Paper, send: Send): Promise<WrittenPage> {
  askThrough(send)
  chooseFormats(WRITTEN_IN)
  queryClient.clear()
  const pages = createPages(createMemoryHistory({ initialEntries: [path] }))
  await pages.load()
  const failures = queryClient
    .getQueryCache()
    .getAll()
    .flatMap(({ state }) => state.error ?? [])
  const missing = failures.filter((error) => error instanceof Problem && isMissing(error))
  if (failures.length > missing.length) throw failures[0]
  const body = renderToString(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={pages} />
      </QueryClientProvider>
    </StrictMode>,
  )
  // What is not there is looked for again by the browser, and so not taken over.
  const status = missing.length === 0 ? 200 : 404
  const taken: TakenOver = {
    path: status === 200 ? path : '',
    writtenAtMs: Date.now(),
    queries: knownQueries(),
  }
  return { status, document: documentOf(path, paper, { body, taken }) }
}

/** An id that nothing has, or can have. */
const isMissing = ({ status }: Problem): boolean => status === 404 || status === 422

function documentOf(
  path: string,
  { document, origin }: Paper,
  { body, taken }: { readonly body: string; readonly taken: TakenOver },
): string {
  const title = escaped(titleAsked())
  const description = escaped(descriptionOf(path, queryClient))
  const address = escaped(new URL(path, origin).href)
  const head = [
    `<title>${title}</title>`,
    `<meta name="description" content="${description}" />`,
    `<link rel="canonical" href="${address}" />`,
    `<meta property="og:type" content="website" />`,
    `<meta property="og:site_name" content="CNOP" />`,
    `<meta property="og:title" content="${title}" />`,
    `<meta property="og:description" content="${description}" />`,
    `<meta property="og:url" content="${address}" />`,
  ].join('')
  const data = JSON.stringify(taken).replaceAll('<', '\\u003c')
  return document
    .replace(/<title>.*?<\/title>\s*<meta\s+name="description"[^>]*>/s, () => head)
    .replace('<div id="root"></div>', () =>
      [
        `<div id="root">${body}</div>`,
        `<script type="application/json" id="taken-over">${data}</script>`,
      ].join(''),
    )
}

const SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => SIGNS[sign] ?? sign)
