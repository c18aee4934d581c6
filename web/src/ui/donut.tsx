import { arc, pie } from 'd3-shape'
import { Fragment } from 'react'

export type Slice = { readonly name: string; readonly share: number }

const RADIUS = 50
const HOLE = 34
const GAP = 0.025

/** Tones of ink, from strong to faint: colour means direction here, and a share has none. */
const TONES = [100, 78, 60, 46, 34, 24, 16]

export const toneOf = (index: number): string =>
  `color-mix(in oklab, var(--ink-1) ${TONES[Math.min(index, TONES.length - 1)]}%, var(--raised))`

/** Shares of a whole. The list beside it says the same in words; this is its picture. */
export function Donut({
  slices,
  label,
}: {
  readonly slices: readonly Slice[]
  readonly label: string
}) {
  const angles = pie<Slice>()
    .value(({ share }) => share)
    .sort(null)
    .padAngle(slices.length > 1 ? GAP : 0)(slices as Slice[])
  const draw = arc<(typeof angles)[number]>()
    .innerRadius(HOLE)
    .outerRadius(RADIUS)
    .cornerRadius(1.5)
  return (
    <svg viewBox="-50 -50 100 100" role="img" aria-label={label} className="size-full">
      {angles.map((angle, index) => (
        <Fragment key={angle.data.name}>
          <path d={draw(angle) ?? ''} fill={toneOf(index)} />
        </Fragment>
      ))}
    </svg>
  )
}
