/** Whether the palette is asked for: by its button, by Ctrl-K, or by a slash outside of a field. */
import { useEffect, useSyncExternalStore } from 'react'

let open = false
const listeners = new Set<() => void>()

function become(next: boolean): void {
  open = next
  for (const listener of listeners) listener()
}

const isOpen = (): boolean => open

export const askPalette = (): void => become(true)
export const closePalette = (): void => become(false)

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useAsking(): { readonly open: boolean; readonly ask: () => void } {
  const asked = useSyncExternalStore(subscribe, isOpen, isOpen)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isChord = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)
      if (!isChord && !(event.key === '/' && !isTyping(event.target))) return
      event.preventDefault()
      askPalette()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return { open: asked, ask: askPalette }
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
