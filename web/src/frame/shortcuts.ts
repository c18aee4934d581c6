/** What the keys of every page do. Loaded once the page stands. */
import { isFreeKey } from '../ui/free-key.ts'
import { choose, useAppearance } from './appearance.ts'
import { askPalette, askShortcuts, overlayNow } from './overlay.ts'

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
  overlayNow() === undefined && isFreeKey(event) && useAppearance.getState().letterKeys

/** Until the returned function is called. */
export function followKeys(goTo: (place: string) => void): () => void {
  const meaningOf = (event: KeyboardEvent): (() => void) | undefined => {
    if (isPalette(event)) return askPalette
    if (!mayMean(event)) return undefined
    const place = placeOf(event)
    return place === undefined ? ALONE[event.key] : () => goTo(place)
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
}
