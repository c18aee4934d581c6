import { type FocusEvent, type ReactNode, useState } from 'react'
import { Input } from './box.tsx'
import { classes } from './class-names.ts'
import { readTypedDecimal } from './decimal-text.ts'
import { Field, type FieldProps } from './field.tsx'

/**
 * A decimal on text: what is typed stays as it is typed, `1.` included, and what it was understood
 * as is said below whenever the two differ. A wheel or an arrow key never changes money.
 */
export function DecimalField({
  label,
  value,
  onType,
  placesMax,
  unit,
  unclear,
  understood,
  hint,
  error,
  disabled = false,
}: Omit<FieldProps, 'kept' | 'optional'> & {
  /** As typed. */
  readonly value: string
  readonly onType: (typed: string) => void
  readonly placesMax: number
  readonly unit?: ReactNode
  /** Said when the text could mean two numbers, or none. */
  readonly unclear: string
  /** Says what was understood. */
  readonly understood: (text: string) => string
  readonly disabled?: boolean
}) {
  const [leftOnce, setLeftOnce] = useState(false)
  const read = readTypedDecimal(value, placesMax)
  const note = read.kind === 'decimal' && read.text !== value ? understood(read.text) : hint
  const wrong = error ?? (read.kind === 'unclear' && leftOnce ? unclear : undefined)
  return (
    <Field label={label} hint={note ?? ' '} error={wrong}>
      {({ id, describedBy }) => (
        <span className="relative block">
          <Input
            id={id}
            value={value}
            disabled={disabled}
            inputMode="decimal"
            autoComplete="off"
            spellCheck={false}
            aria-describedby={describedBy}
            aria-invalid={wrong === undefined ? undefined : true}
            className={classes('h-12 text-lg font-medium', unit !== undefined && 'pr-16')}
            onChange={(event) => {
              setLeftOnce(false)
              onType(event.currentTarget.value)
            }}
            onBlur={(_: FocusEvent) => setLeftOnce(true)}
          />
          {unit === undefined ? null : (
            <span className="pointer-events-none absolute top-1/2 right-3 -translate-y-1/2 text-sm text-ink-3">
              {unit}
            </span>
          )}
        </span>
      )}
    </Field>
  )
}
