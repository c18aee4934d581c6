import type { InputHTMLAttributes, Ref, SelectHTMLAttributes } from 'react'
import { classes } from './class-names.ts'

const BOX =
  'w-full rounded-md border border-field bg-surface px-3 text-base text-ink placeholder:text-ink-3 ' +
  'aria-invalid:border-danger disabled:opacity-60'

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
