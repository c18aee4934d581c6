/** The assets a customer watches, in her order. */
import { getWatchlist, putWatchlist } from '@cnop/contract/user.ts'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { ask } from './door.ts'
import { OWN, queryClient } from './queries.ts'
import { useSessionState } from './use-session.ts'

const watchlistQuery = queryOptions({
  queryKey: [OWN, 'watchlist'],
  queryFn: async ({ signal }) => (await ask(getWatchlist, { signal })).data.asset_ids,
})

export type Watching = {
  /** `undefined` where nobody is signed in, or it is not known yet. */
  readonly watched: ReadonlySet<string> | undefined
  toggle(assetId: string): void
}

/** Shown as wished at once: it moves no money, and a refusal puts it back. */
async function save(ids: string[]): Promise<void> {
  const { queryKey } = watchlistQuery
  await queryClient.cancelQueries({ queryKey })
  const before = queryClient.getQueryData(queryKey)
  queryClient.setQueryData(queryKey, ids)
  try {
    await ask(putWatchlist, { body: { asset_ids: ids } })
  } catch {
    queryClient.setQueryData(queryKey, before)
  }
  await queryClient.invalidateQueries({ queryKey })
}

export function useWatchlist(): Watching {
  const signedIn = useSessionState() === 'signed-in'
  const { data } = useQuery({ ...watchlistQuery, enabled: signedIn })
  return {
    watched: signedIn && data !== undefined ? new Set(data) : undefined,
    toggle(assetId) {
      if (data === undefined) return
      const others = data.filter((id) => id !== assetId)
      void save(others.length < data.length ? others : [...data, assetId])
    },
  }
}
