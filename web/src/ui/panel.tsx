import type { ReactNode } from 'react'
import { classes } from './class-names.ts'

/** A sheet of paper on the desk, with a title that may have something at its side. */
export function Panel({
  title,
  aside,
  children,
  className,
  flush = false,
}: {
  readonly title?: string
  readonly aside?: ReactNode
  readonly children: ReactNode
  readonly className?: string
  /** The rows inside reach the edges. */
  readonly flush?: boolean
}) {
  return (
    <section className={classes('min-w-0 rounded-lg border border-line bg-surface', className)}>
      {title === undefined ? null : (
        <header className="flex min-h-12 items-center justify-between gap-4 border-b border-line px-4 py-2">
          <h2 className="text-base">{title}</h2>
          {aside}
        </header>
      )}
      {flush ? children : <div className="p-4">{children}</div>}
    </section>
  )
}

/** The dashed stamp that says that no real money moves here. */
export function Stamp({ children }: { readonly children: ReactNode }) {
  return (
    <span className="inline-block rounded-sm border border-dashed border-field px-1.5 text-xs leading-5 whitespace-nowrap text-ink-2">
      {children}
    </span>
  )
}
