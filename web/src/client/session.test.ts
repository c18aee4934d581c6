import { describe, expect, it } from 'vitest'
import { createSession, type SessionChange } from './session.ts'

type Parts = Parameters<typeof createSession>[0]

/** Tabs of one browser: one lock, one channel between them, one cookie at the server. */
function browser(options: { readonly locks: boolean; readonly signedIn?: boolean }) {
  const clock = { nowMs: 0 }
  const server = { renewals: 0, over: false, down: false }
  const channels: NonNullable<Parts['channel']>[] = []
  let hint = options.signedIn ?? true
  let turn = Promise.resolve<unknown>(undefined)

  const alone: Parts['alone'] = (work) => {
    if (!options.locks) return work()
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  function openTab() {
    const channel: NonNullable<Parts['channel']> = {
      onmessage: null,
      postMessage(word: unknown) {
        for (const other of channels) {
          if (other !== channel)
            Reflect.apply(other.onmessage ?? (() => undefined), other, [{ data: word }])
        }
      },
    }
    channels.push(channel)
    const session = createSession({
      async renew() {
        server.renewals += 1
        await Promise.resolve()
        if (server.down) throw new Error('no network')
        if (server.over) return undefined
        return { access_token: `token-${server.renewals}`, token_type: 'bearer', expires_in: 600 }
      },
      now: () => clock.nowMs,
      hint: { read: () => hint, write: (present) => (hint = present) },
      alone,
      channel,
    })
    const changes: SessionChange[] = []
    session.onChange((change) => changes.push(change))
    return { ...session, changes }
  }

  return { clock, server, openTab, hinted: () => hint }
}

const begun = { access_token: 'fresh', token_type: 'bearer' as const, expires_in: 600 }

describe('a session', () => {
  it('of a stranger asks the server for nothing', async () => {
    const { openTab, server } = browser({ locks: true, signedIn: false })
    const tab = openTab()
    expect([await tab.token(), tab.state(), server.renewals]).toEqual([undefined, 'signed-out', 0])
  })

  it('is taken up again by the first page, once, however many ask for a token', async () => {
    const { openTab, server } = browser({ locks: true })
    const tab = openTab()
    expect(tab.state()).toBe('unknown')
    expect(await Promise.all([tab.token(), tab.token(), tab.tokenAfter('old')])).toEqual([
      'token-1',
      'token-1',
      'token-1',
    ])
    expect([server.renewals, tab.state()]).toEqual([1, 'signed-in'])
  })

  it('is renewed once for all tabs that find the token refused at the same time', async () => {
    const { openTab, server } = browser({ locks: true })
    const tabs = [openTab(), openTab(), openTab()]
    const tokens = await Promise.all(tabs.map((tab) => tab.token()))
    expect(tokens).toEqual(['token-1', 'token-1', 'token-1'])
    const again = await Promise.all(tabs.map((tab) => tab.tokenAfter('token-1')))
    expect(again).toEqual(['token-2', 'token-2', 'token-2'])
    expect(server.renewals).toBe(2)
  })

  it('works where the browser has no locks, with one renewal a tab', async () => {
    const { openTab, server } = browser({ locks: false })
    const [one, other] = [openTab(), openTab()]
    const tokens = await Promise.all([one.token(), one.token(), other.token()])
    expect(tokens.every((token) => token !== undefined)).toBe(true)
    expect(server.renewals).toBeLessThanOrEqual(2)
  })

  it('does not renew a token that another has replaced since', async () => {
    const { openTab, server } = browser({ locks: true })
    const tab = openTab()
    await tab.token()
    await tab.tokenAfter('token-1')
    expect(await tab.tokenAfter('token-1')).toBe('token-2')
    expect(server.renewals).toBe(2)
  })

  it('renews shortly before the end, not at it', async () => {
    const { openTab, server, clock } = browser({ locks: true })
    const tab = openTab()
    await tab.token()
    clock.nowMs = 579_000
    expect(await tab.token()).toBe('token-1')
    clock.nowMs = 581_000
    expect(await tab.token()).toBe('token-2')
    expect(server.renewals).toBe(2)
  })

  it('ends in every tab when it ends in one, and is not asked for again', async () => {
    const { openTab, server, hinted } = browser({ locks: true })
    const [one, other] = [openTab(), openTab()]
    await one.token()
    one.end()
    expect([one.state(), other.state(), hinted()]).toEqual(['signed-out', 'signed-out', false])
    expect(await other.tokenAfter('token-1')).toBeUndefined()
    expect(server.renewals).toBe(1)
  })

  it('that the server has ended is over here too', async () => {
    const { openTab, server, hinted } = browser({ locks: true })
    server.over = true
    const tab = openTab()
    expect([await tab.token(), tab.state(), hinted()]).toEqual([undefined, 'signed-out', false])
    expect(tab.changes).toEqual(['ended'])
  })

  it('outlives a server that cannot be reached', async () => {
    const { openTab, server, hinted } = browser({ locks: true })
    server.down = true
    const tab = openTab()
    await expect(tab.token()).rejects.toThrow('no network')
    expect([tab.state(), hinted()]).toEqual(['unknown', true])
    server.down = false
    expect(await tab.token()).toBe('token-2')
  })

  it('that begins is known to every tab, and told apart from one that goes on', async () => {
    const { openTab, server } = browser({ locks: true, signedIn: false })
    const [one, other] = [openTab(), openTab()]
    one.begin(begun)
    expect(await other.token()).toBe('fresh')
    await other.tokenAfter('fresh')
    expect(one.changes).toEqual(['began', 'renewed'])
    expect(other.changes).toEqual(['began', 'renewed'])
    expect(server.renewals).toBe(1)
  })
})
