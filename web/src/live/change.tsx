import { ARROWS, directionOf, showChange, UNKNOWN } from '../format/money.ts'
import { classes } from '../ui/class-names.ts'

const TONES = { up: 'text-up', down: 'text-down', flat: 'text-ink-2' } as const

/** A change in percent: arrow, sign and colour say the same, so that none is needed. */
export function Change({
  percent,
  className,
}: {
  readonly percent: string | null
  readonly className?: string
}) {
  if (percent === null) return <span className={classes('text-ink-3', className)}>{UNKNOWN}</span>
  const direction = directionOf(percent)
  return (
    <span className={classes('whitespace-nowrap', TONES[direction], className)}>
      <span aria-hidden="true" className="mr-1 inline-block text-[0.72em]">
        {ARROWS[direction]}
      </span>
      {showChange(percent)}
    </span>
  )
}

/** A sum with its direction. */
export function SignedSum({ text, shown }: { readonly text: string; readonly shown: string }) {
  const direction = directionOf(text)
  return (
    <span className={classes('whitespace-nowrap', TONES[direction])}>
      {direction === 'flat' ? null : (
        <span aria-hidden="true" className="mr-1 inline-block text-[0.72em]">
          {ARROWS[direction]}
        </span>
      )}
      {shown}
    </span>
  )
}
