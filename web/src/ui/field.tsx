import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  useId,
} from 'react'
import { classes } from './class-names.ts'

const BOX =
  'w-full rounded-md border border-field bg-surface px-3 text-base text-ink placeholder:text-ink-3 ' +
  'aria-invalid:border-danger disabled:opacity-60'

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

export type InputProps = InputHTMLAttributes<HTMLInputElement> & {
  readonly ref?: Ref<HTMLInputElement> | undefined
}

/** A bare box; in a form most want a `RuleField`. */
export function Input({ className, ...rest }: InputProps) {
  return <input {...rest} className={classes(BOX, 'h-10', className)} />
}

export type Option<T extends string> = { readonly value: T; readonly label: string }

/** The system's own list: on a phone there is no better one. */
export function Select<T extends string>({
  options,
  value,
  onPick,
  className,
  ...rest
}: Omit<SelectHTMLAttributes<HTMLSelectElement>, 'value' | 'onChange'> & {
  readonly options: readonly Option<T>[]
  readonly value: T
  readonly onPick: (value: T) => void
}) {
  return (
    <span className={classes('relative inline-block', className)}>
      <select
        {...rest}
        value={value}
        onChange={(event) => onPick(event.currentTarget.value as T)}
        className={classes(BOX, 'h-10 appearance-none pr-9')}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <svg
        aria-hidden="true"
        viewBox="0 0 12 12"
        className="pointer-events-none absolute top-1/2 right-3 size-3 -translate-y-1/2 text-ink-3"
      >
        <path d="M2 4.5 6 8.5l4-4" fill="none" stroke="currentColor" strokeWidth="1.5" />
      </svg>
    </span>
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
