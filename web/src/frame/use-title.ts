import { useEffect } from 'react'

/** The name of the page in the tab, in the history, and for those who listen. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · CNOP`
  }, [title])
}
