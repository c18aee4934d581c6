/**
 * One subscription to the prices for all who listen at this door: it begins with the first listener
 * and ends some time after the last. A listener gets the newest prices, never a backlog.
 */
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { type EventStream, readEvents } from '@cnop/kit/event-stream.ts'
import type { Log } from '@cnop/kit/log.ts'

export type PriceRelay = {
  /** The last known prices at once, then each tick, until the stream closes. */
  subscribe(stream: EventStream): void
  close(): void
}

type RelayParts = {
  /** Opens the feed; the signal ends it. */
  readonly open: (signal: AbortSignal) => Promise<Readable>
  readonly log: Log
  /** From 0 to 1: spreads the attempts of many doors. */
  readonly chance: () => number
  readonly lingerMs?: number
  readonly pauseMs?: { readonly first: number; readonly max: number }
}

const LINGER_MS = 30_000
const PAUSE_MS = { first: 500, max: 10_000 }

export function createPriceRelay(parts: RelayParts): PriceRelay {
  const { lingerMs = LINGER_MS } = parts
  const listeners = new Set<EventStream>()
  let newest: Buffer | undefined
  let feed: AbortController | undefined
  let linger: NodeJS.Timeout | undefined

  const publish = (frame: Buffer): void => {
    newest = frame
    for (const stream of listeners) stream.offer(frame)
  }
  const stop = (): void => {
    clearTimeout(linger)
    feed?.abort()
    feed = undefined
    newest = undefined
  }
  const leave = (stream: EventStream): void => {
    listeners.delete(stream)
    if (listeners.size === 0) linger = setTimeout(stop, lingerMs).unref()
  }

  return {
    subscribe(stream) {
      clearTimeout(linger)
      listeners.add(stream)
      if (newest !== undefined) stream.offer(newest)
      stream.onClose(() => leave(stream))
      if (feed !== undefined) return
      feed = new AbortController()
      void follow(parts, feed.signal, publish)
    },
    close: stop,
  }
}

/** Opens the feed again whenever it breaks, after a pause that grows while it does not answer. */
async function follow(
  parts: RelayParts,
  signal: AbortSignal,
  publish: (frame: Buffer) => void,
): Promise<void> {
  const { open, log, chance, pauseMs = PAUSE_MS } = parts
  let failures = 0
  while (!signal.aborted) {
    try {
      await readEvents(await open(signal), (frame) => {
        failures = 0
        if (!signal.aborted) publish(withoutId(frame))
      })
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'the prices broke off')
    }
    const longestMs = Math.min(pauseMs.max, pauseMs.first * 2 ** failures)
    failures += 1
    await pause(longestMs * chance(), undefined, { signal, ref: false }).catch(() => undefined)
  }
}

/** Only journal events carry an id, so that prices never move what a client resumes behind. */
const withoutId = (frame: Buffer): Buffer => Buffer.from(frame.toString().replace(/^id:.*\n/gm, ''))
