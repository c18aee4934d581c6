import type { ReactNode } from 'react'

/** Words and figures, led from one to the other by dots. */
export function LedgerList({ children }: { readonly children: ReactNode }) {
  return <dl className="grid">{children}</dl>
}

export function LedgerLine({
  term,
  children,
  strong = false,
}: {
  readonly term: ReactNode
  readonly children: ReactNode
  readonly strong?: boolean
}) {
  return (
    <div className="flex min-h-9 items-center text-sm">
      <dt className={strong ? 'font-semibold' : 'text-ink-2'}>{term}</dt>
      <span aria-hidden="true" className="leader" />
      <dd className={strong ? 'text-base font-semibold' : 'font-medium'}>{children}</dd>
    </div>
  )
}
