import { memo } from 'react'
import { classes } from './class-names.ts'

/**
 * A small curve, coloured by its own first and last point. Positions of a drawing are numbers; the
 * figures beside it are not.
 */
export const Sparkline = memo(function Curve({
  points,
  width = 96,
  height = 28,
  className,
}: {
  readonly points: readonly string[]
  readonly width?: number
  readonly height?: number
  readonly className?: string
}) {
  const values = points.map(Number)
  const first = values[0] ?? 0
  const last = values.at(-1) ?? 0
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
      className={classes(last >= first ? 'text-up' : 'text-down', className)}
    >
      <path
        d={curveThrough(values, width, height)}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
})

const EDGE = 2

/** A path that fills the box; values that are all the same run through its middle. */
export function curveThrough(values: readonly number[], width: number, height: number): string {
  const low = Math.min(...values)
  const range = Math.max(...values) - low
  const step = (width - 2 * EDGE) / Math.max(1, values.length - 1)
  return values
    .map((value, index) => {
      const share = range === 0 ? 0.5 : (value - low) / range
      const x = EDGE + index * step
      const y = height - EDGE - share * (height - 2 * EDGE)
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
}
