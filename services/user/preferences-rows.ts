/** Key and stored shape of what a customer has set; what was never set is not stored. */
import { Preferences } from '@cnop/contract/user.ts'
import { CorruptRow, textIn, unitsIn } from '@cnop/kit/store/row-fields.ts'
import type { Key, Row } from '@cnop/kit/store/store.ts'
import { Type } from 'typebox'
import { Value } from 'typebox/value'

const Chosen = Type.Partial(Preferences, { additionalProperties: false })

export type ChosenPreferences = {
  readonly chosen: Partial<Preferences>
  /** RFC 3339. */
  readonly updatedAt: string
  /** Moves by one with every change, under a condition. */
  readonly version: bigint
}

export const preferencesKey = (userId: string): Key => ({ pk: `U#${userId}`, sk: '@PREFERENCES' })

export function loadPreferences(row: Row): ChosenPreferences {
  const chosen: unknown = JSON.parse(textIn(row, 'chosen'))
  if (!Value.Check(Chosen, chosen)) throw new CorruptRow('chosen', 'a set of preferences')
  return {
    chosen,
    updatedAt: textIn(row, 'updatedAt'),
    version: unitsIn(row, 'version'),
  }
}

export const storePreferences = ({ chosen, ...columns }: ChosenPreferences): Row => ({
  ...columns,
  chosen: JSON.stringify(chosen),
})
