import type { ReactNode } from 'react'

/** A slip that was torn off: for what is about to happen, and for what did. */
export function Receipt({ children }: { readonly children: ReactNode }) {
  return <div className="perforated rounded-b-md bg-raised px-4 pt-6 pb-4">{children}</div>
}
