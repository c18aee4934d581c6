import type { Preferences } from '@cnop/contract/user.ts'
import { describe, expect, it } from 'vitest'
import { createPreferenceKeeper } from './preference-keeper.ts'

const DEFAULT: Preferences = {
  theme: 'system',
  palette: 'standard',
  up_colour: 'green',
  time_zone: 'system',
  locale: 'en-US',
  live_prices: true,
  hide_balances: false,
}

/** An account, this browser, and a keeper between them. */
function start({
  kept,
  local = {},
}: {
  kept?: Partial<Preferences>
  local?: Partial<Preferences>
}) {
  const account = { preferences: { ...DEFAULT, ...kept }, ever: kept !== undefined, down: false }
  const browser = { preferences: { ...DEFAULT, ...local } }
  const written: Partial<Preferences>[] = []
  const keeper = createPreferenceKeeper({
    async read() {
      if (account.down) throw new Error('down')
      const updated = account.ever ? { updated_at: '2026-03-01T12:00:00Z' } : {}
      return { ...account.preferences, ...updated }
    },
    async write(change) {
      written.push(change)
      await Promise.resolve()
      if (account.down) throw new Error('down')
      account.preferences = { ...account.preferences, ...change }
      account.ever = true
    },
    here: () => browser.preferences,
    adopt(change) {
      browser.preferences = { ...browser.preferences, ...change }
    },
  })
  const choose = (change: Partial<Preferences>): Promise<void> => {
    browser.preferences = { ...browser.preferences, ...change }
    return keeper.chose(change)
  }
  return { account, browser, written, keeper, choose }
}

describe('preferences', () => {
  it('of the account hold here after signing in', async () => {
    const { browser, keeper, written } = start({
      kept: { theme: 'dark' },
      local: { theme: 'light' },
    })
    await keeper.begin()
    expect(browser.preferences.theme).toBe('dark')
    expect(written).toEqual([])
    expect(keeper.state()).toEqual({ is: 'kept' })
  })

  it('that were chosen before signing in come along to an account without any', async () => {
    const { account, browser, keeper } = start({ local: { theme: 'dark', locale: 'de-DE' } })
    await keeper.begin()
    expect(browser.preferences).toMatchObject({ theme: 'dark', locale: 'de-DE' })
    expect(account.preferences).toMatchObject({ theme: 'dark', locale: 'de-DE' })
  })

  it('that nobody has changed are not written', async () => {
    const { keeper, written } = start({})
    await keeper.begin()
    expect(written).toEqual([])
  })

  it('that are chosen while the account is asked win over what it says', async () => {
    const { account, browser, keeper, choose } = start({ kept: { theme: 'dark', locale: 'de-DE' } })
    const asked = keeper.begin()
    await choose({ theme: 'light' })
    await asked
    expect(browser.preferences).toMatchObject({ theme: 'light', locale: 'de-DE' })
    expect(account.preferences.theme).toBe('light')
  })

  it('are written one change after the other, and only what has changed', async () => {
    const { account, keeper, written, choose } = start({ kept: {} })
    await keeper.begin()
    await Promise.all([
      choose({ theme: 'dark' }),
      choose({ theme: 'light' }),
      choose({ hide_balances: true }),
    ])
    expect(written).toEqual([{ theme: 'dark' }, { theme: 'light', hide_balances: true }])
    expect(account.preferences).toMatchObject({ theme: 'light', hide_balances: true })
  })

  it('hold here though the account could not be told, and are told once it can be', async () => {
    const { account, browser, keeper, choose } = start({ kept: {} })
    await keeper.begin()
    account.down = true
    await choose({ theme: 'dark' })
    expect(browser.preferences.theme).toBe('dark')
    expect(keeper.state().is).toBe('failed')
    account.down = false
    await keeper.retry()
    expect(account.preferences.theme).toBe('dark')
    expect(keeper.state()).toEqual({ is: 'kept' })
  })

  it('of an account that could not be asked are asked for again, and nothing is written before', async () => {
    const { account, browser, keeper, written, choose } = start({ kept: { theme: 'dark' } })
    account.down = true
    await keeper.begin()
    await choose({ hide_balances: true })
    expect(keeper.state().is).toBe('failed')
    expect(written).toEqual([])
    account.down = false
    await keeper.retry()
    expect(browser.preferences).toMatchObject({ theme: 'dark', hide_balances: true })
    expect(account.preferences).toMatchObject({ theme: 'dark', hide_balances: true })
  })

  it('of one customer never reach the next', async () => {
    const { account, keeper, written, choose } = start({ kept: {} })
    await keeper.begin()
    account.down = true
    await choose({ theme: 'dark' })
    keeper.end()
    account.down = false
    await keeper.begin()
    expect(written).toEqual([{ theme: 'dark' }])
    expect(account.preferences.theme).toBe('system')
  })

  it('that the account tells too late are void', async () => {
    const { browser, keeper } = start({ kept: { theme: 'dark' } })
    const asked = keeper.begin()
    keeper.end()
    await asked
    expect(browser.preferences.theme).toBe('system')
    expect(keeper.state()).toEqual({ is: 'local' })
  })
})
