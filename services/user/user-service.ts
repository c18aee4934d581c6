/** What customers prefer: their settings and the assets they watch. */
import { getPreferences, getWatchlist, putPreferences, putWatchlist } from '@cnop/contract/user.ts'
import type { Log } from '@cnop/kit/log.ts'
import { createService, customerOf, type Service, serve } from '@cnop/kit/service.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import { sendAs, type Transports } from '@cnop/kit/transport.ts'
import { changePreferences } from './change-preferences.ts'
import { PREFERENCES_DEFAULT } from './decide-preferences.ts'
import { type ChosenPreferences, loadPreferences, preferencesKey } from './preferences-rows.ts'
import { replaceWatchlist } from './replace-watchlist.ts'
import { loadWatchlist, type WatchedAssets, watchlistKey } from './watchlist-rows.ts'

export type UserServiceParts = {
  readonly store: Store
  readonly callerSecret: string
  /** Reaches inventory. */
  readonly transports: Transports
  readonly log: Log
  readonly telemetry: Telemetry
  readonly now: () => number
  readonly checkAnswers?: boolean
}

export async function createUserService(parts: UserServiceParts): Promise<Service> {
  const { store, callerSecret, transports, log, telemetry, now, checkAnswers = false } = parts
  const clock = { ...systemCommitClock, now }
  const signing = { secret: callerSecret, now }
  const sendFor = (trace: { requestId: string; deadline: number }) =>
    sendAs({ kind: 'system', name: 'user' }, transports, signing, trace)
  return createService({
    name: 'user',
    endpoints: [
      serve(getPreferences, async (call) => {
        const [row] = await store.snapshot([preferencesKey(customerOf(call).userId)])
        return preferencesAnswer(row && loadPreferences(row))
      }),
      serve(putPreferences, async (call) => {
        const { userId } = customerOf(call)
        const { body: changes, deadline } = call
        return preferencesAnswer(
          await changePreferences({ userId, changes, deadline }, { store, clock }),
        )
      }),
      serve(getWatchlist, async (call) => {
        const [row] = await store.snapshot([watchlistKey(customerOf(call).userId)])
        return watchlistAnswer(row && loadWatchlist(row))
      }),
      serve(putWatchlist, async (call) => {
        const { userId } = customerOf(call)
        const { body, deadline } = call
        const list = { userId, assetIds: body.asset_ids, deadline }
        return watchlistAnswer(await replaceWatchlist(list, { store, clock, send: sendFor(call) }))
      }),
    ],
    callerSecret,
    log,
    telemetry,
    now,
    checkAnswers,
  })
}

const preferencesAnswer = (stored: ChosenPreferences | undefined) => ({
  data: { ...PREFERENCES_DEFAULT, ...stored?.chosen, ...updatedAt(stored) },
})

const watchlistAnswer = (stored: WatchedAssets | undefined) => ({
  data: { asset_ids: [...(stored?.assetIds ?? [])], ...updatedAt(stored) },
})

/** Absent until something is set. */
const updatedAt = (stored: { readonly updatedAt: string } | undefined) =>
  stored === undefined ? {} : { updated_at: stored.updatedAt }
