import type { ReactNode } from 'react'

/** Words and figures, led from one to the other by dots. */
export function LedgerList({ children }: { readonly children: ReactNode }) {
  return <dl className="grid">{children}</dl>
}

export function LedgerLine({
  term,
  children,
  note,
  strong = false,
}: {
  readonly term: ReactNode
  readonly children: ReactNode
  /** A smaller line below, from edge to edge. */
  readonly note?: ReactNode
  readonly strong?: boolean
}) {
  return (
    <div
      className={`flex min-h-9 flex-wrap items-center text-sm ${note === undefined ? '' : 'py-2'}`}
    >
      <dt className={strong ? 'font-semibold' : 'text-ink-2'}>{term}</dt>
      <span aria-hidden="true" className="leader" />
      <dd className={strong ? 'text-base font-semibold' : 'font-medium'}>{children}</dd>
      {note === undefined ? null : (
        <dd className="flex basis-full justify-between text-xs text-ink-3">{note}</dd>
      )}
    </div>
  )
}
