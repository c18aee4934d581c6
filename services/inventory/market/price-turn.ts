/**
 * Whose turn it is to publish prices, among the replicas over one store. The one whose turn it is
 * polls and records; the others follow the record, soon after a hint and within a beat without one.
 */
import type { Bus } from '@cnop/kit/bus/bus.ts'
import type { Log } from '@cnop/kit/log.ts'
import type { Grip, Lease } from '@cnop/kit/store/lease.ts'
import type { MarketFollower } from './follow-market.ts'
import type { MarketClock } from './market-clock.ts'
import { PRICES_CHANNEL } from './price-frame.ts'

export type PriceTurn = {
  /** Absent while it is another's turn. */
  readonly grip: Grip | undefined
  /** Resolves once it is known whose turn it is. */
  start(): Promise<void>
  /** Lets the next one have it. */
  stop(): Promise<void>
}

/** Trading in an asset was stopped or allowed: whoever follows looks at once. */
export const HALTS_CHANNEL = 'halts'

const BEAT_MS = 1_000

export function createPriceTurn(parts: {
  readonly lease: Lease
  readonly follower: MarketFollower
  readonly bus: Bus
  readonly clock: MarketClock
  readonly log: Log
}): PriceTurn {
  const { lease, follower, bus, clock, log } = parts
  const stopping = new AbortController()
  let grip: Grip | undefined
  let running = Promise.resolve()

  const hear = bus.subscribe(PRICES_CHANNEL, () => {
    if (grip === undefined) follower.catchUp().catch(failed)
  })
  const hearHalts = bus.subscribe(HALTS_CHANNEL, () => void follower.readHalts().catch(failed))
  const failed = (error: unknown): void =>
    log.warn({ err: error }, 'the record of prices could not be followed')

  /** A store that does not answer says nothing of whose turn it is; the fence decides then. */
  async function beat(): Promise<void> {
    try {
      const next = await lease.hold()
      if (next?.epoch !== grip?.epoch) sayWho(next)
      grip = next
      await follower.readHalts()
      if (grip === undefined) await follower.catchUp()
    } catch (error) {
      failed(error)
    }
  }

  function sayWho(next: Grip | undefined): void {
    if (next === undefined) log.warn('another replica publishes the prices')
    else log.info({ epoch: String(next.epoch) }, 'this replica publishes the prices')
  }

  async function beatOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.waitUntil(clock.now() + BEAT_MS, stopping.signal)
      if (!stopping.signal.aborted) await beat()
    }
  }

  return {
    get grip() {
      return grip
    },
    async start() {
      await beat()
      running = beatOn()
    },
    async stop() {
      hear()
      hearHalts()
      stopping.abort()
      await running
      await lease.release().catch(failed)
    },
  }
}
