/** The ring of signing keys in the store, and how it changes. */
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Row, Store } from '@cnop/kit/store/store.ts'
import { exportJWK, generateKeyPair } from 'jose'
import { decideRing } from './decide-signing-keys.ts'
import {
  KEY_RING,
  loadRing,
  type PrivateJwk,
  ringIs,
  type StoredKey,
  storeRing,
} from './signing-key-rows.ts'

/** The oldest first. */
export type Ring = readonly StoredKey[]

export type RingParts = {
  readonly store: Store
  readonly clock: CommitClock
  /** How long a key signs. */
  readonly days: number
}

const DAY_MS = 86_400_000
const CHANGE_MS_MAX = 10_000

/** The ring after what time asks for: the next key is published, and those that are done are gone. */
export async function settledRing(parts: RingParts): Promise<Ring> {
  const { store, clock, days } = parts
  const [row] = await store.snapshot([KEY_RING])
  const nowMs = clock.now()
  const decide = (keys: Ring) => decideRing({ keys, nowMs, lifeMs: days * DAY_MS })
  const ring = loadRing(row)
  const { kept, nextSignsFromMs } = decide(ring)
  if (nextSignsFromMs === undefined && kept.length === ring.length) return ring
  const jwk = await makeKey()
  const change = (keys: Ring): Ring => {
    const now = decide(keys)
    if (now.nextSignsFromMs === undefined) return now.kept
    return [...now.kept, { jwk, signsFromMs: now.nextSignsFromMs }]
  }
  return commitRing({ change, told: [], deadline: nowMs + CHANGE_MS_MAX }, parts)
}

/** A ring of one new key, which signs at once; `told` goes into the same commit. */
export async function replacedRing(
  { told, deadline }: { told: Op; deadline: number },
  parts: RingParts,
): Promise<Ring> {
  const only = { jwk: await makeKey(), signsFromMs: parts.clock.now() }
  return commitRing({ change: () => [only], told: [told], deadline }, parts)
}

/** Of several replicas that find it is time, one changes the ring for all. */
function commitRing(
  {
    change,
    told,
    deadline,
  }: { change: (keys: Ring) => Ring; told: readonly Op[]; deadline: number },
  { store, clock }: RingParts,
): Promise<Ring> {
  return commitDecision({
    store,
    keys: [KEY_RING],
    decide([row]) {
      const ring = change(loadRing(row))
      return { ops: [putRing(ring, row), ...told], outcome: ring }
    },
    deadline,
    clock,
  })
}

const putRing = (ring: Ring, before: Row | undefined): Op => ({
  kind: 'put',
  key: KEY_RING,
  row: storeRing(ring),
  when: ringIs(before),
})

async function makeKey(): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const { x, d } = (await exportJWK(privateKey)) as PrivateJwk
  return { kty: 'OKP', crv: 'Ed25519', x, d }
}
