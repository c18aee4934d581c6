import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import {
  FormTroubleLine,
  type SendForm,
  type SentForm,
  useTroubleSeconds,
} from './form-trouble.tsx'

/** One question at a time, in the middle of the desk. */
export function FormPage({
  title,
  lead,
  children,
  below,
}: {
  readonly title: string
  readonly lead?: ReactNode
  readonly children: ReactNode
  readonly below?: ReactNode
}) {
  return (
    <div className="mx-auto w-full max-w-form px-4 pt-10 md:pt-16">
      <h1 className="text-2xl">{title}</h1>
      {lead === undefined ? null : <p className="mt-2 text-ink-2">{lead}</p>}
      <div className="mt-8">{children}</div>
      {below === undefined ? null : (
        <div className="mt-8 border-t border-line pt-4 text-sm text-ink-2">{below}</div>
      )}
    </div>
  )
}

/** Fields, what went wrong with all of them together, and the one button. */
export function SheetForm({
  form: { formState },
  onSubmit,
  busy = formState.isSubmitting,
  action,
  children,
}: {
  readonly form: SentForm
  readonly onSubmit: SendForm
  /** Where the answer is waited for elsewhere. */
  readonly busy?: boolean
  readonly action: string
  readonly children: ReactNode
}) {
  const trouble = formState.errors.root
  const secondsLeft = useTroubleSeconds(trouble)
  return (
    // By `post`, so that what is sent before the page can act never stands in an address.
    <form
      method="post"
      noValidate
      onSubmit={(event) => void onSubmit(event)}
      className="grid gap-4"
    >
      {children}
      <FormTroubleLine trouble={trouble} secondsLeft={secondsLeft} />
      <Button
        type="submit"
        look="primary"
        size="lg"
        busy={busy}
        disabled={secondsLeft > 0}
        className="mt-2 w-full"
      >
        {action}
      </Button>
    </form>
  )
}
