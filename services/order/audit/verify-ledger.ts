/**
 * The customer's own books, audited on demand. A replay costs as much as the journal is long, so one
 * runs at a time, with pauses as long as its work, and goes on when nobody waits for it any more: the
 * proof of a long one is there for who asks again, and says of which moment it is.
 */
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import type { verifyLedger } from '@cnop/contract/portfolio.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { AnswerOf } from '@cnop/contract/route.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { auditAccount } from './audit-account.ts'

type Proof = AnswerOf<typeof verifyLedger>

/** A journal of so many events is not replayed again for so long: it takes a second or more. */
const LONG_EVENTS = 10_000
const KEPT_MS = 60_000
/** Customers whose replay waits or runs. */
const WAITING_MAX = 32
const RETRY_AFTER_SECONDS = 5

export type LedgerProofs = {
  /** Throws `overloaded` when the proof is not there by the deadline; then it will be, later. */
  prove(asked: { readonly userId: string; readonly deadline: number }): Promise<Proof>
}

export type LedgerProofParts = {
  readonly store: Pick<StoreReader, 'snapshot' | 'query'>
  readonly now: () => number
  readonly longEvents?: number
}

export function createLedgerProofs(parts: LedgerProofParts): LedgerProofs {
  const { now, longEvents = LONG_EVENTS } = parts
  const running = new Map<string, Promise<Proof>>()
  const kept = new Map<string, { readonly proof: Proof; readonly untilMs: number }>()
  let last: Promise<unknown> = Promise.resolve()

  async function replay(userId: string): Promise<Proof> {
    const proof = await replayed(parts, userId)
    if (proof.data.events >= longEvents) keep(userId, proof)
    return proof
  }

  function keep(userId: string, proof: Proof): void {
    for (const [other, { untilMs }] of kept) if (untilMs <= now()) kept.delete(other)
    kept.set(userId, { proof, untilMs: now() + KEPT_MS })
  }

  function begin(userId: string): Promise<Proof> {
    if (running.size >= WAITING_MAX) throw overloaded()
    const proof = last.then(() => replay(userId)).finally(() => running.delete(userId))
    running.set(userId, proof)
    last = proof.catch(() => undefined)
    return proof
  }

  return {
    async prove({ userId, deadline }) {
      const known = kept.get(userId)
      if (known !== undefined && known.untilMs > now()) return known.proof
      const proof = running.get(userId) ?? begin(userId)
      return Promise.race([proof, late(deadline - now(), proof)])
    },
  }
}

const overloaded = (): Problem =>
  new Problem('overloaded', {
    detail: 'The books are still being replayed.',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  })

/** Throws in time to be heard, unless it is settled before. */
async function late(waitMs: number, settled: Promise<unknown>): Promise<never> {
  const over = new AbortController()
  const end = (): void => over.abort()
  settled.then(end, end)
  await pause(Math.max(0, waitMs), undefined, { signal: over.signal }).catch(() => settled)
  throw overloaded()
}

async function replayed({ store, now }: LedgerProofParts, userId: string): Promise<Proof> {
  const nowMs = now()
  const audit = await auditAccount({ store: paced(store), userId, nowMs })
  return {
    data: {
      ok: audit.ok,
      events: audit.events,
      head_hash: audit.headHash,
      checks: audit.checks.map(({ rule: _forTheLog, ...check }) => check),
      verified_at: new Date(nowMs).toISOString(),
    },
  }
}

/** Before it reads on, what took a while lets everything else have as long. */
function paced(
  store: Pick<StoreReader, 'snapshot' | 'query'>,
): Pick<StoreReader, 'snapshot' | 'query'> {
  let since = performance.now()
  const rest = async (): Promise<void> => {
    const workedMs = performance.now() - since
    await (workedMs < 1 ? turn() : pause(workedMs))
    since = performance.now()
  }
  return {
    async snapshot(keys) {
      await rest()
      return store.snapshot(keys)
    },
    async query(pk, range) {
      await rest()
      return store.query(pk, range)
    },
  }
}
