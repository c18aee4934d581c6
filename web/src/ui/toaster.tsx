/** A few words about what happened elsewhere on the platform; nothing that was just clicked. */
import { X } from 'lucide-react'
import { useEffect, useSyncExternalStore } from 'react'
import { t } from '../messages.ts'

type Toast = { readonly id: number; readonly text: string }

const SHOWN_MS = 6_000
const SHOWN_MAX = 3

let toasts: readonly Toast[] = []
let lastId = 0
const listeners = new Set<() => void>()

function become(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

export function toast(text: string): void {
  lastId += 1
  become([...toasts, { id: lastId, text }].slice(-SHOWN_MAX))
}

const dismiss = (id: number): void => become(toasts.filter((one) => one.id !== id))

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const shownNow = (): readonly Toast[] => toasts

export function Toaster() {
  const shown = useSyncExternalStore(subscribe, shownNow, shownNow)
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-4 bottom-20 z-30 grid justify-items-center gap-2 md:right-6 md:bottom-6 md:left-auto md:justify-items-end"
    >
      {shown.map((one) => (
        <Slip key={one.id} {...one} />
      ))}
    </div>
  )
}

function Slip({ id, text }: Toast) {
  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [id])
  return (
    <p className="rising pointer-events-auto flex items-center gap-3 rounded-md border border-field bg-surface py-2 pr-2 pl-4 text-sm">
      {text}
      <button
        type="button"
        aria-label={t('Close')}
        className="grid size-7 place-items-center rounded-sm text-ink-3 hover:bg-raised hover:text-ink"
        onClick={() => dismiss(id)}
      >
        <X aria-hidden="true" className="size-4" />
      </button>
    </p>
  )
}
