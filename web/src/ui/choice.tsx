import { useId } from 'react'
import { classes } from './class-names.ts'

/** One of a few, all of them in sight: intervals, periods, buy or sell. */
export function Choice<T extends string>({
  label,
  options,
  value,
  onPick,
}: {
  readonly label: string
  readonly options: readonly { readonly value: T; readonly label: string }[]
  readonly value: T
  readonly onPick: (value: T) => void
}) {
  const name = useId()
  return (
    <fieldset className="inline-flex rounded-md border border-line bg-raised p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className={classes(
            'relative inline-flex h-7 min-w-9 cursor-pointer items-center justify-center rounded-sm px-2 text-sm max-[360px]:min-w-8 max-[360px]:px-1',
            'text-ink-2 hover:text-ink has-checked:bg-surface has-checked:font-semibold has-checked:text-ink',
            'has-focus-visible:outline-2 has-focus-visible:outline-accent',
          )}
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onPick(option.value)}
            className="absolute inset-0 cursor-pointer opacity-0"
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  )
}
