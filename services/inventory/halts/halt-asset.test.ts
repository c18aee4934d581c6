import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { describe, expect, it } from 'vitest'
import { haltAsset, readHaltTrail } from './halt-asset.ts'
import { HALTS_KEY, haltOps, readHalts } from './halt-rows.ts'

const clock = systemCommitClock
const ASSETS = ['BTC', 'ETH', 'SOL', 'XRP', 'ADA']

const open = () => createMemoryStore({ now: clock.now })

function halt(store: ReturnType<typeof open>, assetId: string, halted = true) {
  const event = { assetId, halted, actor: 'olga', reason: 'A test' }
  return haltAsset({ store, clock, deadline: clock.now() + 5000, event })
}

describe('the halts of the operator', () => {
  it('that come at the same moment all hold', async () => {
    const store = open()
    await Promise.all(ASSETS.map((assetId) => halt(store, assetId)))
    const [row] = await store.snapshot([HALTS_KEY])
    const halts = readHalts(row)
    expect([...halts.byAsset.keys()].toSorted()).toEqual(ASSETS.toSorted())
    expect(halts.version).toBe(BigInt(ASSETS.length))
    const { events } = await readHaltTrail(store, {})
    expect(events.map(({ assetId }) => assetId).toSorted()).toEqual(ASSETS.toSorted())
  })

  it('leave no trace where they change nothing', async () => {
    const store = open()
    expect(await halt(store, 'BTC', false)).toEqual({ version: 0n, byAsset: new Map() })
    expect(await store.snapshot([HALTS_KEY])).toEqual([undefined])
    expect(await readHaltTrail(store, {})).toEqual({ events: [], cursor: undefined })
  })

  it('are listed on page after page, each once', async () => {
    const store = open()
    for (const assetId of ASSETS) await halt(store, assetId)
    const seen: string[] = []
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await readHaltTrail(store, { limit: 2, ...(cursor && { cursor }) })
      seen.push(...page.events.map(({ assetId }) => assetId))
      cursor = page.cursor
      if (cursor) expect(cursor).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
    }
    expect(seen).toEqual(ASSETS.toReversed())
  })
})

describe('the row of halts', () => {
  it('gives back every kind of halt', async () => {
    const store = open()
    const halts = {
      version: 1n,
      byAsset: new Map([
        ['BTC', { cause: 'operator' } as const],
        ['PEPE', { cause: 'jump', level: 2n ** 64n - 1n, calmTicks: 2 } as const],
      ]),
    }
    const ops = haltOps(readHalts(undefined), { halts, changed: true, events: [] }, 0)
    await store.transact(ops, { token: 'halts' })
    const [row] = await store.snapshot([HALTS_KEY])
    expect(readHalts(row)).toEqual(halts)
  })
})
