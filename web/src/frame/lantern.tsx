import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { capabilitiesQuery } from '../client/queries.ts'
import { t } from '../messages.ts'
import { onDemand } from '../ui/on-demand.tsx'

const RedPocketDialog = onDemand(
  async () => (await import('./red-pocket-dialog.tsx')).RedPocketDialog,
)

/** Hangs in the footer for those who look; only where the platform pays rewards. */
export function Lantern() {
  const capabilities = useQuery(capabilitiesQuery)
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  if (capabilities.data?.features.includes('red-pocket') !== true) return null
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="dialog"
        aria-label={t('A lantern')}
        onClick={() => setOpen(true)}
        className="group grid size-9 place-items-center max-md:-ml-2.5 rounded-md text-ink-3 hover:text-ink"
      >
        <svg aria-hidden="true" viewBox="0 0 24 24" className="size-4 group-hover:swaying">
          <path
            d="M12 1.5V5M8 5h8M8 16h8M12 16v6M10 22v-3M14 22v-3M8 5C5 7.5 5 13.5 8 16M16 5c3 2.5 3 8.5 0 11M12 5v11"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinecap="round"
          />
        </svg>
      </button>
      {open ? (
        <RedPocketDialog
          onClose={() => {
            setOpen(false)
            button.current?.focus()
          }}
        />
      ) : null}
    </>
  )
}
