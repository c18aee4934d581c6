import { afterEach, expect, it } from 'vitest'
import { chooseFormats } from '../../format/formats.ts'
import { isFiltered, isReversed, ledgerQueryOf } from './ledger-filters.ts'

afterEach(() => chooseFormats({ locale: 'en-US', timeZone: undefined }))

it('asks from the first moment of the first day to the last of the last, where clocks are set so', () => {
  chooseFormats({ locale: 'en-US', timeZone: 'Asia/Tokyo' })
  expect(ledgerQueryOf({ type: 'deposit', from: '2026-03-01', to: '2026-03-01' })).toEqual({
    type: 'deposit',
    from: '2026-02-28T15:00:00.000Z',
    to: '2026-03-01T14:59:59.999Z',
  })
})

it('asks for everything where nothing is chosen', () => {
  expect(ledgerQueryOf({})).toEqual({})
  expect(isFiltered({})).toBe(false)
  expect(isFiltered({ to: '2026-03-01' })).toBe(true)
})

it('a day that does not exist is an instant all the same', () => {
  expect(() => ledgerQueryOf({ from: '2026-02-31', to: '2026-99-99' })).not.toThrow()
})

it('knows a span that cannot hold anything', () => {
  expect(isReversed({ from: '2026-03-02', to: '2026-03-01' })).toBe(true)
  expect(isReversed({ from: '2026-03-01', to: '2026-03-01' })).toBe(false)
  expect(isReversed({ from: '2026-03-01' })).toBe(false)
})
