/** What the keys of every page do, and which of the two dialogs over the page is open. */
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useSyncExternalStore } from 'react'
import { isFreeKey } from '../ui/free-key.ts'
import { choose, useAppearance } from './appearance.ts'

type Overlay = 'palette' | 'shortcuts'

/** Behind a `g`. */
const PLACE_KEYS: Readonly<Record<string, string>> = {
  m: '/markets',
  t: '/trade',
  d: '/dashboard',
  p: '/portfolio',
  o: '/orders',
  a: '/account',
}

/** A `g` that nothing follows for so long was none. */
const SECOND_KEY_MS = 1_500

let overlay: Overlay | undefined
const listeners = new Set<() => void>()

function become(next: Overlay | undefined): void {
  overlay = next
  for (const listener of listeners) listener()
}

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

const isPalette = ({ key, ctrlKey, metaKey }: KeyboardEvent): boolean =>
  key.toLowerCase() === 'k' && (ctrlKey || metaKey)

const ALONE: Readonly<Record<string, () => void>> = {
  '/': askPalette,
  '?': askShortcuts,
  h: () => choose({ hideBalances: !useAppearance.getState().hideBalances }),
}

/** Of the last `g`; milliseconds of the page. */
let placeAskedMs = Number.NEGATIVE_INFINITY

/** The address that a key leads to as the second of two. */
function placeOf({ key, timeStamp }: KeyboardEvent): string | undefined {
  const isSecond = timeStamp - placeAskedMs < SECOND_KEY_MS
  placeAskedMs = key === 'g' ? timeStamp : Number.NEGATIVE_INFINITY
  return isSecond ? PLACE_KEYS[key] : undefined
}

/** What is typed while a dialog is on its way is meant for the dialog. */
const mayMean = (event: KeyboardEvent): boolean =>
  overlay === undefined && isFreeKey(event) && useAppearance.getState().letterKeys

export function useShortcuts(): void {
  const navigate = useNavigate()
  useEffect(() => {
    const meaningOf = (event: KeyboardEvent): (() => void) | undefined => {
      if (isPalette(event)) return askPalette
      if (!mayMean(event)) return undefined
      const to = placeOf(event)
      return to === undefined ? ALONE[event.key] : () => void navigate({ to })
    }
    const onKey = (event: KeyboardEvent): void => {
      const mean = meaningOf(event)
      if (mean === undefined) return
      event.preventDefault()
      mean()
    }
    // Before the keys of a single page: the second of two letters is not for them.
    addEventListener('keydown', onKey, { capture: true })
    return () => removeEventListener('keydown', onKey, { capture: true })
  }, [navigate])
}
