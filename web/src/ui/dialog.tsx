import { X } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { t } from '../messages.ts'
import { classes } from './class-names.ts'

const FIELD = ':is(input, select, textarea):not(:disabled, [type="hidden"])'

/**
 * A question that must be answered first. The browser's own dialog keeps the focus inside, the page
 * behind it still and Escape working, without a style of its own that the policy would refuse.
 * `sheet` rises from the lower edge of a phone; `drawer` stands at the side of the page.
 */
export function Dialog({
  open,
  onClose,
  title,
  children,
  shape = 'box',
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly children: ReactNode
  readonly shape?: 'box' | 'sheet' | 'palette' | 'drawer'
}) {
  const element = useRef<HTMLDialogElement>(null)
  const titleId = useId()

  useEffect(() => {
    const dialog = element.current
    if (dialog === null) return
    if (open && !dialog.open) {
      dialog.showModal()
      // By itself a dialog begins at its first control, which is the one that closes it.
      dialog.querySelector<HTMLElement>(FIELD)?.focus()
    }
    if (!open && dialog.open) dialog.close()
  }, [open])

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself.
    <dialog
      ref={element}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) event.currentTarget.close()
      }}
      className={classes(
        'max-h-[calc(100dvh-32px)] w-[calc(100%-32px)] overflow-auto border border-line bg-surface p-0 text-ink',
        'backdrop:bg-[#0d0f13]/45 open:rising',
        shape === 'box' && 'm-auto max-w-form rounded-lg',
        shape === 'palette' && 'mx-auto mt-[12vh] mb-auto max-w-[600px] rounded-lg',
        shape === 'drawer' &&
          'mr-0 ml-auto h-dvh max-h-dvh w-full max-w-full border-y-0 border-r-0 sm:max-w-[460px]',
        shape === 'sheet' &&
          'mx-auto mt-auto mb-0 w-full max-w-form rounded-t-lg border-b-0 sm:mb-auto sm:rounded-lg sm:border-b',
      )}
    >
      {open ? (
        <>
          <div
            className={classes(
              'flex items-center justify-between gap-4 border-b border-line py-3 pr-3',
              shape === 'sheet' ? 'pl-4' : 'pl-5',
              shape === 'palette' && 'sr-only',
            )}
          >
            <h2 id={titleId} className="text-lg">
              {title}
            </h2>
            <button
              type="button"
              aria-label={t('Close')}
              onClick={() => element.current?.close()}
              className="grid size-9 place-items-center rounded-md text-ink-2 hover:bg-raised hover:text-ink"
            >
              <X aria-hidden="true" className="size-4" />
            </button>
          </div>
          {children}
        </>
      ) : null}
    </dialog>
  )
}
