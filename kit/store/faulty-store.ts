/**
 * A store that fails as a distant one does, as a seed says. What it claims is always true: only a
 * fault that says `outcome-unknown` may hide a change that was applied.
 */
import { type Store, StoreFault } from './store.ts'

/** How often, from 0 to 1, and together at most 1; a call meets one of them at most. */
export type FaultRates = {
  /** The request never arrives: nothing is applied. */
  readonly lostRequest: number
  /** The answer never arrives: the change is applied, if the store accepts it. */
  readonly lostReply: number
  readonly conflict: number
  readonly throttled: number
  /** The process ends, before the change is applied or after. */
  readonly crash: number
}

export type FaultKind = keyof FaultRates

export type FaultyStore = Store & { readonly counts: Readonly<Record<FaultKind, number>> }

const KINDS = ['lostRequest', 'lostReply', 'conflict', 'throttled', 'crash'] as const

export function createFaultyStore({
  store,
  chance,
  rates,
  onCrash,
}: {
  store: Store
  /** From 0 up to, not including, 1. */
  chance: () => number
  rates: FaultRates
  /** Told once. The call that crashed and all calls after it are never answered. */
  onCrash: () => void
}): FaultyStore {
  const counts = { lostRequest: 0, lostReply: 0, conflict: 0, throttled: 0, crash: 0 }
  return {
    counts,
    snapshot: (keys) => meet('snapshot', () => store.snapshot(keys)),
    query: (pk, range) => meet('read', () => store.query(pk, range)),
    transact: (ops, options) => meet('transact', () => store.transact(ops, options)),
    changes: (after, limit) => meet('read', () => store.changes(after, limit)),
    partitions: (after, limit) => meet('read', () => store.partitions(after, limit)),
    close: () => store.close(),
  }

  async function meet<Answer>(kindOfCall: KindOfCall, call: () => Promise<Answer>) {
    if (counts.crash > 0) return never()
    const fault = drawFault(kindOfCall)
    if (fault !== undefined) counts[fault] += 1
    switch (fault) {
      case undefined:
        return call()
      case 'lostRequest':
        throw lost(kindOfCall)
      case 'lostReply':
        await settled(call)
        throw lost(kindOfCall)
      case 'conflict':
        throw new StoreFault('conflict', 'Another transaction was in the way')
      case 'throttled':
        throw new StoreFault('throttled', 'Too many requests')
      case 'crash':
        if (chance() < 0.5) await settled(call)
        onCrash()
        return never()
    }
  }

  /** A plain read is never in the way of a transaction: where that was drawn, it is throttled. */
  function drawFault(kindOfCall: KindOfCall): FaultKind | undefined {
    let draw = chance()
    const drawn = KINDS.find((kind) => {
      draw -= rates[kind]
      return draw < 0
    })
    return drawn === 'conflict' && kindOfCall === 'read' ? 'throttled' : drawn
  }
}

type KindOfCall = 'snapshot' | 'read' | 'transact'

function lost(kindOfCall: KindOfCall): StoreFault {
  const code = kindOfCall === 'transact' ? 'outcome-unknown' : 'unavailable'
  return new StoreFault(code, 'No answer came')
}

/** Whatever the store answers to this is lost. */
async function settled(call: () => Promise<unknown>): Promise<void> {
  await Promise.allSettled([call()])
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}
