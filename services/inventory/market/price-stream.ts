/**
 * Every tick to everyone who listens: the whole of the last one first, then each one once. A frame
 * is put into words once, for all of them.
 */
import type { Bus } from '@cnop/kit/bus/bus.ts'
import { type EventStream, eventFrame } from '@cnop/kit/event-stream.ts'
import type { RunningMarket } from './market.ts'
import { PRICES_CHANNEL, priceFrame, secondOfFrame } from './price-frame.ts'

export type PriceStream = {
  add(stream: EventStream): void
  /** Tells the market as it is, to those who have not heard this tick from the bus. */
  tell(second: number): void
  close(): void
}

export function createPriceStream(
  bus: Bus,
  market: Pick<RunningMarket, 'lastSecond' | 'known'>,
): PriceStream {
  /** Each with the second it has heard of last. */
  const listeners = new Map<EventStream, number>()
  const say = (second: number, message: string): void => {
    const frame = Buffer.from(tickEvent(second, message))
    for (const [stream, heard] of listeners) {
      if (second <= heard) continue
      listeners.set(stream, second)
      stream.send(frame)
    }
  }
  const close = bus.subscribe(PRICES_CHANNEL, (message) => say(secondOfFrame(message), message))
  return {
    tell: (second) => say(second, priceFrame(second, market.known)),
    add(stream) {
      const { lastSecond, known } = market
      if (lastSecond !== undefined)
        stream.send(tickEvent(lastSecond, priceFrame(lastSecond, known)))
      listeners.set(stream, lastSecond ?? 0)
      stream.onClose(() => listeners.delete(stream))
    },
    close,
  }
}

/** The id of an event is the epoch second of its tick. */
const tickEvent = (second: number, data: string): string =>
  eventFrame({ event: PRICES_CHANNEL, data, id: String(second) })
