import { type ReactNode, useId } from 'react'
import type { InputProps } from './box.tsx'
import { classes } from './class-names.ts'

export type FieldProps = {
  readonly label: string
  /** The rule, said before it is broken. */
  readonly hint?: ReactNode
  /** What is wrong; takes the place of the hint. */
  readonly error?: string | undefined
  /** Whether the rule is kept by what was typed so far. */
  readonly kept?: boolean
  readonly optional?: string | undefined
}

type Described = { readonly id: string; readonly describedBy: string | undefined }

/** A label, its control, and one line below whose height is there from the start. */
export function Field({
  label,
  hint,
  error,
  kept = false,
  optional,
  children,
}: FieldProps & { readonly children: (described: Described) => ReactNode }) {
  const id = useId()
  const note = error ?? hint
  return (
    <div className="grid content-start gap-1.5">
      <label
        htmlFor={id}
        className="flex items-baseline justify-between text-sm font-medium text-ink-2"
      >
        {label}
        {optional === undefined ? null : (
          <span className="text-xs font-normal text-ink-3">{optional}</span>
        )}
      </label>
      {children({ id, describedBy: note === undefined ? undefined : `${id}-note` })}
      {note === undefined ? null : (
        <p
          id={`${id}-note`}
          className={classes('min-h-5 text-sm', error === undefined ? 'text-ink-3' : 'text-danger')}
          role={error === undefined ? undefined : 'alert'}
        >
          {kept && error === undefined ? <span aria-hidden="true">✓ </span> : null}
          {note}
        </p>
      )}
    </div>
  )
}

export function Checkbox({
  label,
  ...input
}: Omit<InputProps, 'type'> & { readonly label: ReactNode }) {
  return (
    <label className="flex items-start gap-3 text-sm text-ink-2">
      <input {...input} type="checkbox" className="mt-0.5 size-4 shrink-0 accent-(--ink-1)" />
      <span>{label}</span>
    </label>
  )
}
