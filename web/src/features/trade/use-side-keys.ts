import { useEffect, useRef } from 'react'
import { useAppearance } from '../../frame/appearance.ts'
import { isFreeKey } from '../../ui/free-key.ts'
import type { Side } from './draft.ts'

const KEYS: Readonly<Record<string, Side>> = { b: 'buy', s: 'sell' }

/** `b` and `s`, wherever nothing is typed and no dialog asks something. */
export function useSideKeys(onSide: (side: Side) => void): void {
  const newest = useRef(onSide)
  newest.current = onSide
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const side = KEYS[event.key]
      if (side === undefined || !isFreeKey(event) || !useAppearance.getState().letterKeys) return
      event.preventDefault()
      newest.current(side)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
