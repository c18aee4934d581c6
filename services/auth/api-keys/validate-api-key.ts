/** Whose API key it is that somebody came with, and whether it may be used from where they are. */
import { timingSafeEqual } from 'node:crypto'
import { Problem } from '@cnop/contract/problem.ts'
import type { KeyScope } from '@cnop/contract/route.ts'
import { networksOf } from '@cnop/kit/networks.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { loadHolder, loadUser, profileKey } from '../users/user-rows.ts'
import {
  type ApiKey,
  apiKeyHolderKey,
  apiKeyKey,
  apiKeyTallyKey,
  loadApiKey,
  loadKeyTally,
} from './api-key-rows.ts'
import { apiKeyIdOf, hashOfApiKey } from './api-key-text.ts'
import type { ApiKeyUses } from './api-key-uses.ts'
import { decideUse } from './decide-api-key.ts'

export type LiveApiKey = {
  readonly userId: string
  readonly username: string
  /** The key stands for a session. */
  readonly sessionId: string
  readonly scopes: readonly KeyScope[]
  /** Epoch seconds. */
  readonly expires: number | undefined
}

export type ShownKey = {
  readonly token: string
  /** Where it is used; absent where that is not known. */
  readonly address: string | undefined
  readonly requestId: string
}

/** No user and no key has this id, and no key this hash. */
const NOBODY = 'nobody'
const NOBODYS_HASH = hashOfApiKey(NOBODY)

/**
 * Throws `bad-token` or `address-not-allowed`. What is no key at all takes the path of one, reads
 * and comparison included, so that time does not tell which ids exist.
 */
export async function validateApiKey(
  { token, address = '', requestId }: ShownKey,
  { store, now, uses }: { store: Store; now: () => number; uses: ApiKeyUses },
): Promise<LiveApiKey> {
  const keyId = apiKeyIdOf(token) ?? NOBODY
  const given = hashOfApiKey(token)
  const [holderRow] = await store.snapshot([apiKeyHolderKey(keyId)])
  const userId = loadHolder(holderRow) ?? NOBODY
  const [keyRow, userRow, tallyRow] = await store.snapshot([
    apiKeyKey(userId, keyId),
    profileKey(userId),
    apiKeyTallyKey(userId),
  ])
  const kept = keyRow && loadApiKey(keyRow)
  const verdict = decideUse({
    key: kept,
    series: loadKeyTally(tallyRow).series,
    proven: timingSafeEqual(Buffer.from(given), Buffer.from(kept?.hash ?? NOBODYS_HASH)),
    nowSeconds: now() / 1000,
    addressAllowed: kept !== undefined && isAllowed(kept, address),
  })
  if (verdict.is === 'bad' || userRow === undefined) throw new Problem('bad-token')
  const use = { keyId, userId, address, requestId }
  if (verdict.is === 'elsewhere') {
    uses.refused(use)
    throw new Problem('address-not-allowed')
  }
  const { key } = verdict
  uses.used(key, use)
  const { username } = loadUser(userId, userRow)
  return { userId, username, sessionId: keyId, scopes: key.scopes, expires: key.expires }
}

const isAllowed = ({ addresses }: ApiKey, address: string): boolean =>
  addresses.length === 0 || networksOf(addresses)(address)
