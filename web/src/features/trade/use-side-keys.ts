import { useEffect, useRef } from 'react'
import type { Side } from './draft.ts'

const KEYS: Readonly<Record<string, Side>> = { b: 'buy', s: 'sell' }

/** `b` and `s`, wherever nothing is typed and no dialog asks something. */
export function useSideKeys(onSide: (side: Side) => void): void {
  const newest = useRef(onSide)
  newest.current = onSide
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const side = KEYS[event.key]
      const isChord = event.ctrlKey || event.metaKey || event.altKey
      if (side === undefined || isChord || isTaken(event.target)) return
      event.preventDefault()
      newest.current(side)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

const isTaken = (target: EventTarget | null): boolean =>
  document.querySelector('dialog[open]') !== null ||
  (target instanceof HTMLElement &&
    target.matches('input:not([type=radio]), textarea, select, [contenteditable]'))
