import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { classes } from './class-names.ts'

/** `primary` is ink on paper: colour is kept for direction and danger. */
export type ButtonLook = 'primary' | 'plain' | 'quiet' | 'danger'

const LOOKS: Readonly<Record<ButtonLook, string>> = {
  primary: 'bg-ink text-paper border-ink hover:bg-ink-2 hover:border-ink-2',
  plain: 'bg-surface text-ink border-field/60 hover:border-field hover:bg-raised',
  quiet: 'bg-transparent text-ink-2 border-transparent hover:bg-raised hover:text-ink',
  danger: 'bg-surface text-danger border-danger/60 hover:border-danger hover:bg-raised',
}

const SIZES = {
  md: 'h-10 px-4 text-base',
  sm: 'h-8 px-3 text-sm',
  lg: 'h-12 px-5 text-base',
} as const

export type ButtonSize = keyof typeof SIZES

/** The same look for a link that leads on. */
export const buttonClasses = (look: ButtonLook = 'plain', size: ButtonSize = 'md'): string =>
  classes(
    'inline-flex items-center justify-center gap-2 rounded-md border font-semibold whitespace-nowrap',
    'transition-colors select-none disabled:opacity-55 disabled:pointer-events-none',
    LOOKS[look],
    SIZES[size],
  )

export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly look?: ButtonLook
  readonly size?: ButtonSize
  /** Says that the work goes on; the button keeps its place and its focus. */
  readonly busy?: boolean
  readonly children: ReactNode
}

export function Button({ look, size, busy = false, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      aria-busy={busy || undefined}
      {...rest}
      onClick={busy ? undefined : rest.onClick}
      className={classes(buttonClasses(look, size), busy && 'opacity-70', className)}
    >
      {children}
      {busy ? (
        <span aria-hidden="true" className="size-1.5 rounded-full bg-current waiting" />
      ) : null}
    </button>
  )
}
