import { describe, expect, it } from 'vitest'
import {
  CorruptRow,
  countIn,
  nameIn,
  optionalTextIn,
  optionalUnitsIn,
  textIn,
  truthIn,
  unitsIn,
  withoutAbsent,
} from './row-fields.ts'

describe('the fields of a row', () => {
  const row = { name: 'ada', units: 7n, live: false }

  it('are read as what they are', () => {
    expect(textIn(row, 'name')).toBe('ada')
    expect(optionalTextIn(row, 'name')).toBe('ada')
    expect(unitsIn(row, 'units')).toBe(7n)
    expect(countIn(row, 'units')).toBe(7)
    expect(truthIn(row, 'live')).toBe(false)
  })

  it('may be absent only where that is said', () => {
    expect(optionalTextIn(row, 'nickname')).toBeUndefined()
    expect(optionalUnitsIn(row, 'nickname')).toBeUndefined()
    expect(optionalUnitsIn(row, 'units')).toBe(7n)
    for (const read of [textIn, unitsIn, countIn, truthIn]) {
      expect(() => read(row, 'nickname')).toThrow(CorruptRow)
    }
  })

  it('are never read as something else', () => {
    expect(() => textIn(row, 'units')).toThrow(CorruptRow)
    expect(() => optionalTextIn(row, 'units')).toThrow(CorruptRow)
    expect(() => unitsIn(row, 'name')).toThrow(CorruptRow)
    expect(() => truthIn(row, 'name')).toThrow(CorruptRow)
  })

  it('are one of the names there are', () => {
    expect(nameIn(row, 'name', ['ada', 'bob'])).toBe('ada')
    expect(() => nameIn(row, 'name', ['bob'])).toThrow(CorruptRow)
  })

  it('that hold nothing are left out', () => {
    expect(withoutAbsent({ name: 'ada', phone: undefined, live: false })).toEqual({
      name: 'ada',
      live: false,
    })
    expect(Object.keys(withoutAbsent({ phone: undefined }))).toEqual([])
  })
})
