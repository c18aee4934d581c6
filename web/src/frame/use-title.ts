import { useEffect } from 'react'
import { useFormats } from '../format/formats.ts'

let asked = ''
const { promise, resolve } = Promise.withResolvers<void>()

/** Settles when the first page stands in the document, whoever has written it. */
export const firstPage = promise

/** The last one; what is written at the door has no document to put it into. */
export const titleAsked = (): string => asked

/** The name of the page in the tab, in the history, and for those who listen. */
export function useTitle(title: string): void {
  asked = `${title} · CNOP`
  useFormats()
  useEffect(() => {
    document.title = `${title} · CNOP`
    resolve()
  }, [title])
}
