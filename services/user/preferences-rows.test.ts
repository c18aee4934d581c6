import { CorruptRow } from '@cnop/kit/store/row-fields.ts'
import { describe, expect, it } from 'vitest'
import { loadPreferences, storePreferences } from './preferences-rows.ts'

describe('stored preferences', () => {
  const stored = {
    chosen: { theme: 'dark', live_prices: false } as const,
    updatedAt: '2026-03-01T12:00:00.000Z',
    version: 3n,
  }

  it('are read as they were written', () => {
    expect(loadPreferences(storePreferences(stored))).toEqual(stored)
  })

  it('are refused when they are not what was written', () => {
    for (const chosen of ['{"theme":"pink"}', '{"font":"serif"}', '[]', 'null', '7']) {
      const row = { ...storePreferences(stored), chosen }
      expect(() => loadPreferences(row)).toThrow(CorruptRow)
    }
  })
})
