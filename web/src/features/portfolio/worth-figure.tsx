import { useCallback } from 'react'
import {
  directionOf,
  showChange,
  showPercent,
  showSignedUsd,
  showUsd,
  UNKNOWN,
} from '../../format/money.ts'
import { PrivateFigure } from '../../frame/private-figure.tsx'
import { type Ticking, TickingText } from '../../ui/ticking-text.tsx'
import type { Worth } from './worth.ts'
import type { WorthBoard } from './worth-board.ts'

/** The arrow is the style's: it may be smaller than the figure, and nobody has to hear it. */
const SIGNED =
  'whitespace-nowrap not-data-[direction=flat]:before:mr-1 before:text-[0.72em] ' +
  "data-[direction=up]:text-up data-[direction=up]:before:content-['▲'/''] " +
  "data-[direction=down]:text-down data-[direction=down]:before:content-['▼'/''] " +
  'data-[direction=flat]:text-ink-2'

/** How a figure is written; `signed…` also says its direction by arrow, sign and colour. */
export type FigureLook = 'sum' | 'signed sum' | 'percent' | 'signed percent'

/** A figure of the portfolio that follows the market. `of` must be stable. */
export function WorthFigure({
  board,
  of,
  look,
}: {
  readonly board: WorthBoard
  readonly of: (worth: Worth) => string | null | undefined
  readonly look: FigureLook
}) {
  const read = useCallback(() => written(of(board.read()), look), [board, of, look])
  const figure = (
    <TickingText
      read={read}
      watch={board.watch}
      evenUnseen
      className={look.startsWith('signed') ? SIGNED : 'whitespace-nowrap'}
    />
  )
  // A share of everything tells nobody how much it is.
  return look.endsWith('percent') ? figure : <PrivateFigure>{figure}</PrivateFigure>
}

function written(text: string | null | undefined, look: FigureLook): Ticking {
  if (text === null || text === undefined) return { shown: UNKNOWN, direction: 'flat' }
  if (look === 'sum') return { shown: showUsd(text) }
  if (look === 'percent') return { shown: showPercent(text) }
  const shown = look === 'signed sum' ? showSignedUsd(text) : showChange(text)
  return { shown, direction: directionOf(text) }
}
