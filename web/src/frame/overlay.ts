/** Which of the two dialogs is open over the page, whatever page it is. */
import { useSyncExternalStore } from 'react'

type Overlay = 'palette' | 'shortcuts'

let overlay: Overlay | undefined
const listeners = new Set<() => void>()

function become(next: Overlay | undefined): void {
  overlay = next
  for (const listener of listeners) listener()
}

export const overlayNow = (): Overlay | undefined => overlay
export const askPalette = (): void => become('palette')
export const askShortcuts = (): void => become('shortcuts')
export const closeOverlay = (): void => become(undefined)

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useOverlay = (): Overlay | undefined =>
  useSyncExternalStore(
    subscribe,
    () => overlay,
    () => undefined,
  )
