import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, requestOf } from '@cnop/contract/call.ts'
import { getQuotes } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import {
  getPreferences,
  getWatchlist,
  type Preferences,
  putPreferences,
  putWatchlist,
} from '@cnop/contract/user.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import { createLog } from '@cnop/kit/log.ts'
import { createService, serve } from '@cnop/kit/service.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { localTransport, sendAs } from '@cnop/kit/transport.ts'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createUserService } from './user-service.ts'

const SECRET = 'a-secret-that-only-tests-would-use'
const START = Date.parse('2026-03-01T12:00:00.000Z')
const DEFAULTS = {
  theme: 'system',
  palette: 'standard',
  up_colour: 'green',
  time_zone: 'system',
  locale: 'en-US',
  live_prices: true,
  hide_balances: false,
}
/** As many as a list may hold, and one more. */
const ASSETS = Array.from({ length: 251 }, (_, index) => `A${index}`)

let nowMs: number
const now = (): number => nowMs
beforeEach(() => {
  nowMs = START
})

const common = () => ({
  callerSecret: SECRET,
  log: createLog({ level: 'silent', service: 'test' }),
  telemetry: createTelemetry({ processMetrics: false }),
  now,
  checkAnswers: true,
})

/** An inventory that knows some assets and no prices. */
async function startInventory() {
  const service = await createService({
    ...common(),
    name: 'inventory',
    endpoints: [
      serve(getQuotes, async ({ query }) => {
        const unknown = query.asset_ids.split(',').find((id) => !ASSETS.includes(id))
        if (unknown === undefined) return { data: [] }
        throw new Problem('asset-not-found', { detail: `There is no asset ${unknown}.` })
      }),
    ],
  })
  onTestFinished(() => service.close())
  return localTransport(service)
}

async function startUser({ store = createMemoryStore({ now }), inventory = true } = {}) {
  const known = inventory ? [['inventory' as const, await startInventory()] as const] : []
  const service = await createUserService({ ...common(), store, transports: new Map(known) })
  onTestFinished(() => service.close())
  const transports = new Map([['user' as const, localTransport(service)]])
  const as = (caller: Caller) => sendAs(caller, transports, { secret: SECRET, now })
  const customer = (userId: string) =>
    as({ kind: 'customer', userId, username: `${userId}_name`, sessionId: 's' })
  return {
    ada: customer('ada'),
    babbage: customer('babbage'),
    anybody: as({ kind: 'anonymous' }),
    service: as({ kind: 'system', name: 'order' }),
    close: () => service.close(),
  }
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const answer = await work.catch((error: unknown) => error)
  if (answer instanceof Problem) return answer
  throw new Error(`expected a problem, got ${JSON.stringify(answer)}`)
}

const fieldsOf = async (work: Promise<unknown>) => {
  const { code, errors } = await problemOf(work)
  expect(code).toBe('invalid-input')
  return errors.map(({ field }) => field)
}

const dawdling = (store: Store): Store =>
  createDawdlingStore({
    store,
    chance: systemCommitClock.random,
    pause: systemCommitClock.pause,
    pauseMsMax: 4,
  })

describe('preferences', () => {
  it('are the defaults until something is set', async () => {
    const { ada } = await startUser()
    expect(await call(ada, getPreferences, {})).toEqual({ data: DEFAULTS })
  })

  it('change as given, keep the rest, and say when', async () => {
    const { ada } = await startUser()
    await call(ada, putPreferences, { body: { theme: 'dark', time_zone: 'Europe/Berlin' } })
    nowMs += 60_000
    const answer = await call(ada, putPreferences, { body: { theme: 'light', locale: 'de-DE' } })
    expect(answer).toEqual({
      data: {
        ...DEFAULTS,
        theme: 'light',
        time_zone: 'Europe/Berlin',
        locale: 'de-DE',
        updated_at: '2026-03-01T12:01:00.000Z',
      },
    })
    expect(await call(ada, getPreferences, {})).toEqual(answer)
  })

  it.each([
    'system',
    'UTC',
    'Europe/Kyiv',
    'Asia/Kolkata',
    'America/Argentina/Buenos_Aires',
    'Etc/GMT+5',
  ])('take the time zone %s', async (time_zone) => {
    const { ada } = await startUser()
    const { data } = await call(ada, putPreferences, { body: { time_zone } })
    expect(data.time_zone).toBe(time_zone)
  })

  it.each(['en', 'en-GB', 'zh-Hant-TW', 'sr-Latn-RS'])('take the locale %s', async (locale) => {
    const { ada } = await startUser()
    expect((await call(ada, putPreferences, { body: { locale } })).data.locale).toBe(locale)
  })

  it.each([
    ['time_zone', 'Mars/Olympus'],
    ['time_zone', '+01:00'],
    ['time_zone', 'UTC+1'],
    ['time_zone', 'PST'],
    ['time_zone', 'SystemV/EST5'],
    ['time_zone', ''],
    ['time_zone', 'A'.repeat(65)],
    ['locale', 'xx'],
    ['locale', 'en-a'],
    ['locale', 'english'],
    ['locale', 'en_US'],
    ['theme', 'pink'],
    ['palette', ''],
    ['up_colour', 'blue'],
    ['live_prices', 'yes'],
    ['hide_balances', 1],
    ['font', 'serif'],
  ])('refuse %s %j with 422 that names the field, and change nothing', async (field, value) => {
    const { ada } = await startUser()
    const body = { theme: 'dark', [field]: value } as Partial<Preferences>
    const refusal = call(ada, putPreferences, { body })
    expect((await problemOf(refusal)).status).toBe(422)
    expect(await fieldsOf(refusal)).toEqual([field])
    expect(await call(ada, getPreferences, {})).toEqual({ data: DEFAULTS })
  })

  it('name both when neither the time zone nor the language is one', async () => {
    const { ada } = await startUser()
    const body = { time_zone: 'Mars/Olympus', locale: 'xx' }
    expect(await fieldsOf(call(ada, putPreferences, { body }))).toEqual(['time_zone', 'locale'])
  })

  it('lose no change of several made at once', async () => {
    const { ada } = await startUser({ store: dawdling(createMemoryStore({ now })) })
    const changes: Partial<Preferences>[] = [
      { theme: 'dark' },
      { palette: 'colour-blind' },
      { up_colour: 'red' },
      { time_zone: 'Asia/Tokyo' },
      { locale: 'ja' },
      { live_prices: false },
      { hide_balances: true },
    ]
    await Promise.all(changes.map((body) => call(ada, putPreferences, { body })))
    expect((await call(ada, getPreferences, {})).data).toMatchObject(Object.assign({}, ...changes))
  })
})

describe('the watch list', () => {
  it('is empty until something is put on it', async () => {
    const { ada } = await startUser()
    expect(await call(ada, getWatchlist, {})).toEqual({ data: { asset_ids: [] } })
  })

  it('is what was put last, in that order, and says since when', async () => {
    const { ada } = await startUser()
    await call(ada, putWatchlist, { body: { asset_ids: ['A1', 'A2'] } })
    nowMs += 60_000
    const answer = await call(ada, putWatchlist, { body: { asset_ids: ['A3', 'A1'] } })
    const data = { asset_ids: ['A3', 'A1'], updated_at: '2026-03-01T12:01:00.000Z' }
    expect(answer).toEqual({ data })
    nowMs += 60_000
    await call(ada, putWatchlist, { body: { asset_ids: ['A3', 'A1'] } })
    expect(await call(ada, getWatchlist, {})).toEqual({ data })
  })

  it('can be emptied, also while inventory does not answer', async () => {
    const store = createMemoryStore({ now })
    const { ada } = await startUser({ store })
    await call(ada, putWatchlist, { body: { asset_ids: ['A1'] } })
    const alone = await startUser({ store, inventory: false })
    const { data } = await call(alone.ada, putWatchlist, { body: { asset_ids: [] } })
    expect(data.asset_ids).toEqual([])
    expect((await call(ada, getWatchlist, {})).data.asset_ids).toEqual([])
  })

  it('refuses an unknown asset with 404 asset-not-found and stays as it was', async () => {
    const { ada } = await startUser()
    await call(ada, putWatchlist, { body: { asset_ids: ['A1'] } })
    const problem = await problemOf(
      call(ada, putWatchlist, { body: { asset_ids: ['A2', 'NOSUCH'] } }),
    )
    expect(problem).toMatchObject({ code: 'asset-not-found', status: 404 })
    expect(problem.detail).toContain('NOSUCH')
    expect((await call(ada, getWatchlist, {})).data.asset_ids).toEqual(['A1'])
  })

  it('says 503 when nobody can tell whether an asset exists, and stays as it was', async () => {
    const { ada } = await startUser({ inventory: false })
    const put = call(ada, putWatchlist, { body: { asset_ids: ['A1'] } })
    expect(await problemOf(put)).toMatchObject({ code: 'dependency-down', status: 503 })
    expect((await call(ada, getWatchlist, {})).data.asset_ids).toEqual([])
  })

  it.each([
    ['in another form', ['btc']],
    ['named twice', ['A1', 'A1']],
    ['beyond the longest list', ASSETS],
  ])('refuses assets %s with 422', async (_, asset_ids) => {
    const { ada } = await startUser()
    const answer = await ada(requestOf(putWatchlist, { body: { asset_ids } }))
    expect(answer.status).toBe(422)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'invalid-input' })
  })

  it('takes the longest list', async () => {
    const { ada } = await startUser()
    const asset_ids = ASSETS.slice(0, 250)
    expect((await call(ada, putWatchlist, { body: { asset_ids } })).data.asset_ids).toEqual(
      asset_ids,
    )
  })

  it('is one of the lists, whole, when several are put at once', async () => {
    const { ada } = await startUser({ store: dawdling(createMemoryStore({ now })) })
    const lists = Array.from({ length: 8 }, (_, index) => [`A${index}`, `A${index + 100}`])
    await Promise.all(lists.map((asset_ids) => call(ada, putWatchlist, { body: { asset_ids } })))
    expect(lists).toContainEqual((await call(ada, getWatchlist, {})).data.asset_ids)
  })
})

describe('the user service', () => {
  it("shows and changes the caller's own and nobody else's", async () => {
    const { ada, babbage } = await startUser()
    await call(ada, putPreferences, { body: { theme: 'dark' } })
    await call(ada, putWatchlist, { body: { asset_ids: ['A1'] } })
    expect((await call(babbage, getPreferences, {})).data).toEqual(DEFAULTS)
    expect((await call(babbage, getWatchlist, {})).data.asset_ids).toEqual([])
  })

  it('asks whoever is no customer to sign in', async () => {
    const { anybody, service } = await startUser()
    for (const from of [anybody, service]) {
      const attempts = [
        call(from, getPreferences, {}),
        call(from, putPreferences, { body: {} }),
        call(from, getWatchlist, {}),
        call(from, putWatchlist, { body: { asset_ids: [] } }),
      ]
      const codes = (await Promise.all(attempts.map(problemOf))).map(({ code }) => code)
      expect(codes).toEqual(Array(4).fill('not-signed-in'))
    }
  })

  it('keeps settings and lists over a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cnop-user-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const open = () =>
      openSqliteStore({
        file: join(folder, 'user.db'),
        now,
        onFatal: (error) => {
          throw error
        },
      })
    const before = open()
    const first = await startUser({ store: before })
    await call(first.ada, putPreferences, { body: { theme: 'dark', live_prices: false } })
    await call(first.ada, putWatchlist, { body: { asset_ids: ['A7', 'A1'] } })
    await first.close()
    await before.close()

    const after = open()
    onTestFinished(() => after.close())
    const second = await startUser({ store: after })
    expect((await call(second.ada, getPreferences, {})).data).toMatchObject({
      theme: 'dark',
      live_prices: false,
    })
    expect((await call(second.ada, getWatchlist, {})).data.asset_ids).toEqual(['A7', 'A1'])
  })
})
