import { refusalLine } from '../../client/refusal-words.ts'
import { t } from '../../messages.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TroubleLine } from '../../ui/form-trouble.tsx'

/** Says what will happen before it does, and why it did not. */
export function ConfirmDialog({
  open,
  onClose,
  title,
  lead,
  action,
  busy,
  error,
  onConfirm,
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly lead: string
  readonly action: string
  readonly busy: boolean
  readonly error: unknown
  readonly onConfirm: () => void
}) {
  return (
    <Dialog open={open} onClose={onClose} title={title}>
      <div className="grid gap-5 p-5">
        <p className="text-ink-2">{lead}</p>
        {error === null ? null : <TroubleLine>{refusalLine(error)}</TroubleLine>}
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={onClose}>{t('Leave it as it is')}</Button>
          <Button look="danger" busy={busy} onClick={onConfirm}>
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
