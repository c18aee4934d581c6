import { useId } from 'react'
import { t } from '../../messages.ts'
import { classes } from '../../ui/class-names.ts'
import { SIDES, type Side } from './draft.ts'

export const sideName = (side: Side): string => (side === 'buy' ? t('Buy') : t('Sell'))

const CHOSEN: Readonly<Record<Side, string>> = {
  buy: 'has-checked:bg-up has-checked:text-paper',
  sell: 'has-checked:bg-down has-checked:text-paper',
}

export function SideChoice({
  offered,
  value,
  onPick,
}: {
  readonly offered: readonly Side[]
  readonly value: Side
  readonly onPick: (side: Side) => void
}) {
  const name = useId()
  return (
    <fieldset className="grid auto-cols-fr grid-flow-col rounded-md border border-line bg-raised p-1">
      <legend className="sr-only">{t('Buy or sell')}</legend>
      {SIDES.filter((side) => offered.includes(side)).map((side) => (
        <label
          key={side}
          className={classes(
            'relative grid h-9 cursor-pointer place-items-center rounded-sm font-semibold text-ink-2 hover:text-ink',
            'has-focus-visible:outline-2 has-focus-visible:outline-accent',
            CHOSEN[side],
          )}
        >
          <input
            type="radio"
            name={name}
            value={side}
            checked={side === value}
            aria-keyshortcuts={side === 'buy' ? 'b' : 's'}
            onChange={() => onPick(side)}
            className="absolute inset-0 cursor-pointer opacity-0"
          />
          {sideName(side)}
        </label>
      ))}
    </fieldset>
  )
}
