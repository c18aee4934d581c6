/**
 * Text that follows the world without React: a tick writes into the cell it belongs to, four times
 * a second at most, and only while the cell can be seen.
 */
import { type ElementType, useLayoutEffect, useRef } from 'react'
import { classes } from './class-names.ts'
import { paced } from './paced.ts'

export type Ticking = {
  readonly shown: string
  /** For those who listen, where what is shown cannot be read aloud. */
  readonly spoken?: string | undefined
  readonly moved?: 'up' | 'down' | undefined
  /** Of the figure itself; a class may follow it. */
  readonly direction?: 'up' | 'down' | 'flat' | undefined
}

/** Of whatever follows the market, so that all of it moves together. */
export const PAUSE_MS = 250

let seeing: IntersectionObserver | undefined
const onSeen = new WeakMap<Element, (seen: boolean) => void>()

/** One observer for all cells: a hundred of them cost as much as one. */
function observe(element: Element, listener: (seen: boolean) => void): () => void {
  seeing ??= new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) onSeen.get(target)?.(isIntersecting)
  })
  onSeen.set(element, listener)
  seeing.observe(element)
  return () => {
    onSeen.delete(element)
    seeing?.unobserve(element)
  }
}

export function TickingText({
  read,
  watch,
  as: Tag = 'span',
  evenUnseen = false,
  className,
}: {
  /** What stands there now. Must be stable, as `watch`: both name the thing that is followed. */
  readonly read: () => Ticking
  readonly watch: (listener: () => void) => () => void
  readonly as?: ElementType
  /** For figures that add up to others: who reads without looking reads them at one moment. */
  readonly evenUnseen?: boolean
  readonly className?: string
}) {
  const element = useRef<HTMLElement>(null)

  useLayoutEffect(() => {
    const cell = element.current
    if (cell === null) return
    let seen = evenUnseen
    const update = paced(PAUSE_MS, () => write(cell, read()))
    settle(cell, read())
    const ignore = watch(() => {
      if (seen) update.ask()
    })
    const forget = observe(cell, (now) => {
      if (now && !seen) settle(cell, read())
      seen = now || evenUnseen
    })
    return () => {
      update.cancel()
      ignore()
      forget()
    }
  }, [read, watch, evenUnseen])

  const { shown, spoken, direction } = read()
  return (
    <Tag
      ref={element}
      data-direction={direction}
      className={classes('flash', className)}
      {...(spoken === undefined ? {} : { role: 'img', 'aria-label': spoken })}
      suppressHydrationWarning
    >
      {shown}
    </Tag>
  )
}

/** Without a flash: nothing has moved, the cell has only come into sight. */
function settle(cell: HTMLElement, { shown, spoken, direction }: Ticking): void {
  if (cell.textContent !== shown) cell.textContent = shown
  if (spoken === undefined) {
    cell.removeAttribute('role')
    cell.removeAttribute('aria-label')
  } else {
    cell.setAttribute('role', 'img')
    cell.setAttribute('aria-label', spoken)
  }
  if (direction !== undefined) cell.dataset['direction'] = direction
}

function write(cell: HTMLElement, ticking: Ticking): void {
  if (cell.textContent === ticking.shown) return
  settle(cell, ticking)
  if (ticking.moved === undefined) return
  cell.dataset['moved'] = ticking.moved
  cell.dataset['flash'] = cell.dataset['flash'] === 'once' ? 'again' : 'once'
}
