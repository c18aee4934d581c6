import { describe, expect, it } from 'vitest'
import { localeChoices, zoneNames } from './format-choices.ts'

describe('the formats to choose from', () => {
  it('show how a number looks', () => {
    const labels = localeChoices('en-US').map(({ label }) => label)
    expect(labels).toContain('English (United States) · 1,234.50')
    expect(labels).toContain('German (Germany) · 1.234,50')
  })

  it('hold what was chosen elsewhere, and everything once', () => {
    const values = localeChoices('fi-FI').map(({ value }) => value)
    expect(values).toContain('fi-FI')
    expect(new Set(values).size).toBe(values.length)
    expect(zoneNames('Etc/GMT+5')).toContain('Etc/GMT+5')
    expect(zoneNames('system')).not.toContain('system')
    expect(new Set(zoneNames('UTC')).size).toBe(zoneNames('UTC').length)
  })
})
