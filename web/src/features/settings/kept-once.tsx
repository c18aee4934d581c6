import { useBlocker } from '@tanstack/react-router'
import { Check, Copy, Download } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { saveFile } from '../../format/save-file.ts'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Checkbox } from '../../ui/field.tsx'
import { Receipt } from '../../ui/receipt.tsx'
import { copyText } from './copy-text.ts'

/** A secret that nobody can show again: it stays until its owner says that it is kept. */
export function KeptOnce({
  title,
  lead,
  text,
  fileName,
  confirm,
  onKept,
  children,
}: {
  readonly title: string
  readonly lead: string
  /** What is copied and saved. */
  readonly text: string
  readonly fileName: string
  readonly confirm: string
  readonly onKept: () => void
  readonly children: ReactNode
}) {
  const [kept, setKept] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <div className="appearing">
      <Receipt>
        <h3 ref={heading} tabIndex={-1} className="text-lg outline-none">
          {title}
        </h3>
        <p className="mt-1 text-sm text-ink-2">{lead}</p>
        <div className="mt-4">{children}</div>
        <div className="mt-4 flex flex-wrap gap-3">
          <CopyButton text={text} />
          <Button onClick={() => saveFile(fileName, text, 'text/plain')}>
            <Download aria-hidden="true" className="size-4" />
            {t('Save as a file')}
          </Button>
        </div>
        <div className="mt-5 flex flex-wrap items-center justify-between gap-4 border-t border-field/40 pt-4">
          <Checkbox
            label={confirm}
            checked={kept}
            onChange={(event) => setKept(event.currentTarget.checked)}
          />
          <Button look="primary" disabled={!kept} onClick={onKept}>
            {t('Done')}
          </Button>
        </div>
      </Receipt>
      <Leaving />
    </div>
  )
}

const SAID_MS = 3_000

function CopyButton({ text }: { readonly text: string }) {
  const [said, setSaid] = useState<'copied' | 'not'>()
  useEffect(() => {
    if (said === undefined) return
    const timer = setTimeout(() => setSaid(undefined), SAID_MS)
    return () => clearTimeout(timer)
  }, [said])
  const Icon = said === 'copied' ? Check : Copy
  const words = { copied: t('Copied'), not: t('Select it and copy it yourself') }
  return (
    <Button onClick={async () => setSaid((await copyText(text)) ? 'copied' : 'not')}>
      <Icon aria-hidden="true" className="size-4" />
      <span aria-live="polite">{said === undefined ? t('Copy') : words[said]}</span>
    </Button>
  )
}

/** Whoever goes away now goes without it. */
function Leaving() {
  const blocker = useBlocker({
    shouldBlockFn: () => true,
    enableBeforeUnload: true,
    withResolver: true,
  })
  return (
    <Dialog
      open={blocker.status === 'blocked'}
      onClose={() => blocker.reset?.()}
      title={t('Leave without it?')}
    >
      <div className="grid gap-5 p-5">
        <p className="text-ink-2">
          {t('What is on this slip is shown this once, and you have not said yet that it is kept.')}
        </p>
        <div className="flex flex-wrap justify-end gap-3">
          <Button look="danger" onClick={() => blocker.proceed?.()}>
            {t('Leave')}
          </Button>
          <Button look="primary" autoFocus onClick={() => blocker.reset?.()}>
            {t('Stay')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
