/** The ring of signing keys in the store, and how it changes. */
import type { Log } from '@cnop/kit/log.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { exportJWK, generateKeyPair } from 'jose'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import type { Vault } from '../vault.ts'
import { decideRing } from './decide-signing-keys.ts'
import {
  isSealed,
  KEY_RING,
  loadRing,
  type PrivateJwk,
  type Ring,
  ringIs,
  storeRing,
} from './signing-key-rows.ts'

export type RingParts = {
  readonly store: Store
  readonly clock: CommitClock
  /** How long a key signs. */
  readonly days: number
  readonly vault: Vault
  readonly newId: () => string
  readonly log: Log
}

const DAY_MS = 86_400_000
const CHANGE_MS_MAX = 10_000

/**
 * The ring after what time asks for: the next key is published, and those that are done are gone. A
 * ring that does not open is replaced, since what it has signed can be verified by nobody either.
 */
export async function settledRing(parts: RingParts): Promise<Ring> {
  const { store, clock, days, vault, newId, log } = parts
  const [row] = await store.snapshot([KEY_RING])
  const nowMs = clock.now()
  const decide = (keys: Ring) => decideRing({ keys, nowMs, lifeMs: days * DAY_MS })
  const ring = loadRing(row, vault)
  if (ring !== undefined && isSealed(row)) {
    const { kept, nextSignsFromMs } = decide(ring)
    if (nextSignsFromMs === undefined && kept.length === ring.length) return ring
  }
  const jwk = await makeKey()
  const loss = securityEventOp(
    { kind: 'signing-key-rotated', outcome: 'done', requestId: '-', detail: LOSS },
    { at: new Date(nowMs).toISOString(), id: newId() },
  )
  const change = (keys: Ring | undefined): Change => {
    const { kept, nextSignsFromMs: signsFromMs } = decide(keys ?? [])
    const next = signsFromMs === undefined ? kept : [...kept, { jwk, signsFromMs }]
    return { ring: next, told: keys === undefined ? [loss] : [] }
  }
  const settled = await commitRing({ change, deadline: nowMs + CHANGE_MS_MAX }, parts)
  if (ring === undefined) log.warn(`the signing keys are replaced: ${LOSS}`)
  return settled
}

const LOSS = 'they were sealed under another CALLER_SECRET, or changed'

/** A ring of one new key, which signs at once; `told` goes into the same commit. */
export async function replacedRing(
  { told, deadline }: { told: Op; deadline: number },
  parts: RingParts,
): Promise<Ring> {
  const ring = [{ jwk: await makeKey(), signsFromMs: parts.clock.now() }]
  return commitRing({ change: () => ({ ring, told: [told] }), deadline }, parts)
}

type Change = { readonly ring: Ring; readonly told: readonly Op[] }

/** Of several replicas that find it is time, one changes the ring for all. */
function commitRing(
  {
    change,
    deadline,
  }: {
    /** Of the ring as it stands; `undefined` where it does not open. */
    change: (keys: Ring | undefined) => Change
    deadline: number
  },
  { store, clock, vault }: RingParts,
): Promise<Ring> {
  return commitDecision({
    store,
    keys: [KEY_RING],
    decide([row]) {
      const { ring, told } = change(loadRing(row, vault))
      const put: Op = {
        kind: 'put',
        key: KEY_RING,
        row: storeRing(ring, vault),
        when: ringIs(row),
      }
      return { ops: [put, ...told], outcome: ring }
    },
    deadline,
    clock,
  })
}

async function makeKey(): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const { x, d } = (await exportJWK(privateKey)) as PrivateJwk
  return { kty: 'OKP', crv: 'Ed25519', x, d }
}
