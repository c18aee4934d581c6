import { type ReactNode, useEffect, useRef } from 'react'
import { Button } from '../../ui/button.tsx'
import {
  type FormTrouble,
  FormTroubleLine,
  type SendForm,
  type SentForm,
  useTroubleSeconds,
} from '../../ui/form-trouble.tsx'

/** A form among other things on a sheet: its button is as wide as its words. */
export function InlineForm({
  form: { formState },
  onSubmit,
  trouble = formState.errors.root,
  action,
  beside,
  children,
}: {
  readonly form: SentForm
  readonly onSubmit: SendForm
  /** What was wrong before. */
  readonly trouble?: FormTrouble | undefined
  readonly action: string
  /** Stands beside the button. */
  readonly beside?: ReactNode
  readonly children: ReactNode
}) {
  const secondsLeft = useTroubleSeconds(trouble)
  return (
    <form noValidate onSubmit={(event) => void onSubmit(event)} className="grid gap-4">
      {children}
      <FormTroubleLine trouble={trouble} secondsLeft={secondsLeft} />
      <div className="flex min-h-10 flex-wrap items-center gap-x-4 gap-y-2">
        <Button
          type="submit"
          look="primary"
          busy={formState.isSubmitting}
          disabled={secondsLeft > 0}
        >
          {action}
        </Button>
        {beside}
      </div>
    </form>
  )
}

/** What has come of it. Takes the focus from the button that has gone. */
export function Outcome({ children }: { readonly children: ReactNode }) {
  const element = useRef<HTMLParagraphElement>(null)
  useEffect(() => element.current?.focus({ preventScroll: true }), [])
  return (
    <p
      ref={element}
      role="status"
      tabIndex={-1}
      className="appearing rounded-md bg-raised px-3 py-2 text-sm text-ink outline-none"
    >
      {children}
    </p>
  )
}
