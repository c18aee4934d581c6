/**
 * The one stream of this page: prices for anyone, and the signed-in customer's own events on the
 * same line, resumed behind the last one that was heard.
 */
import { parsePrice } from '@cnop/contract/money.ts'
import type { Order } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { API_BASE } from '@cnop/contract/route.ts'
import { openStream, type PricesFrame } from '@cnop/contract/stream.ts'
import { session } from './door.ts'
import { type EventBlock, eventBlocks } from './event-blocks.ts'
import { onServer } from './on-server.ts'
import { createPriceBoard } from './price-board.ts'
import { stayConnected } from './stay-connected.ts'

/** Something of the customer's own changed; `gap`: it cannot be told what. */
export type OwnChange =
  | { readonly what: 'orders'; readonly order: Order }
  | { readonly what: 'balances' | 'gap' }

/** Heartbeats come every 15 seconds; a line that is silent for longer than two of them is dead. */
const SILENT_MS_MAX = 40_000

const ownListeners = new Set<(change: OwnChange) => void>()
let position: string | undefined

export const prices = createPriceBoard(
  (price, than) => (parsePrice(price) ?? 0n) > (parsePrice(than) ?? 0n),
)

export function onOwnChange(listener: (change: OwnChange) => void): () => void {
  ownListeners.add(listener)
  return () => ownListeners.delete(listener)
}

export const connection = stayConnected({
  open: listen,
  page: {
    hidden: () => document.visibilityState === 'hidden',
    onChange(listener) {
      if (onServer) return
      document.addEventListener('visibilitychange', listener)
      addEventListener('online', listener)
    },
  },
  chance: Math.random,
})

// A line may stay open, or only seem to, after the network went: asked again, it tells which.
if (!onServer)
  addEventListener('offline', () => {
    if (connection.state() === 'live') connection.restart()
  })

session.onChange((change) => {
  if (change === 'renewed') return
  position = undefined
  connection.restart()
})

async function listen(live: () => void, signal: AbortSignal): Promise<void> {
  const token = await session.token().catch(() => undefined)
  const channels = token === undefined ? 'prices' : 'prices,orders,balances'
  const answer = await fetch(`${API_BASE}${openStream.path}?channels=${channels}`, {
    signal,
    headers: {
      accept: openStream.media,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(position === undefined ? {} : { 'last-event-id': position }),
    },
  })
  if (answer.status === 401 && token !== undefined) await session.tokenAfter(token)
  if (!answer.ok || answer.body === null) throw new Problem('dependency-down')
  live()
  if (token !== undefined && position === undefined) tellOwn({ what: 'gap' })
  for await (const block of eventBlocks(endingWhenSilent(answer.body, signal))) hear(block)
}

function hear({ event, id, data }: EventBlock): void {
  position = id ?? position
  if (data === undefined) return
  if (event === 'prices') {
    const { as_of, prices: heard } = JSON.parse(data) as PricesFrame
    prices.put(as_of, heard)
  } else if (event === 'orders') tellOwn({ what: 'orders', order: JSON.parse(data) as Order })
  else if (event === 'balances') tellOwn({ what: 'balances' })
}

function tellOwn(change: OwnChange): void {
  for (const listener of ownListeners) listener(change)
}

/** A laptop that slept holds a line that will never say anything again. */
function endingWhenSilent(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let watch: ReturnType<typeof setTimeout> | undefined
  const watchAgain = (controller: TransformStreamDefaultController): void => {
    clearTimeout(watch)
    watch = setTimeout(() => controller.error(new Error('silent')), SILENT_MS_MAX)
  }
  signal.addEventListener('abort', () => clearTimeout(watch))
  return bytes.pipeThrough(
    new TransformStream({
      start: watchAgain,
      transform(piece, controller) {
        watchAgain(controller)
        controller.enqueue(piece)
      },
      flush: () => clearTimeout(watch),
    }),
    { signal },
  )
}
