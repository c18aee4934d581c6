/** A feed that says what a test tells it to. */
import { parsePrice } from '@cnop/contract/money.ts'
import type {
  FeedCandle,
  FeedPoint,
  FeedQuote,
  HistoryRequest,
  PriceFeed,
  PriceFeedKind,
} from '../price-feed.ts'

export type ScriptedFeed = PriceFeed & {
  /** What the polls say from now on: each price is of the second of its poll. */
  say(prices: Readonly<Record<string, string>>): void
  /** What the polls do from now on. */
  answer(poll: PriceFeed['poll']): void
  /** When it was polled. */
  readonly polledMs: readonly number[]
  /** What it was asked of history, and what it says. */
  readonly asked: readonly HistoryRequest[]
  tell(history: PriceFeed['history']): void
  tellWeek(lastWeek: PriceFeed['lastWeek']): void
}

export const unitsOf = (text: string): bigint => {
  const price = parsePrice(text)
  if (price === undefined) throw new Error(`${text} is no price`)
  return price
}

export function createScriptedFeed(
  options: { readonly kind?: PriceFeedKind; readonly periodMs?: number } = {},
): ScriptedFeed {
  const polledMs: number[] = []
  const asked: HistoryRequest[] = []
  let poll: PriceFeed['poll'] = async () => new Map()
  let history: PriceFeed['history'] = async (): Promise<readonly FeedCandle[]> => []
  let lastWeek: PriceFeed['lastWeek'] = async () => new Map<string, readonly FeedPoint[]>()
  return {
    kind: options.kind ?? 'simulator',
    periodMs: options.periodMs ?? 1000,
    polledMs,
    asked,
    poll(nowMs, signal) {
      polledMs.push(nowMs)
      return poll(nowMs, signal)
    },
    history(request, signal) {
      asked.push(request)
      return history(request, signal)
    },
    lastWeek: (nowMs, signal) => lastWeek(nowMs, signal),
    say(prices) {
      poll = async (nowMs) =>
        new Map(
          Object.entries(prices).map(([assetId, text]): [string, FeedQuote] => [
            assetId,
            { price: unitsOf(text), asOfMs: Math.floor(nowMs / 1000) * 1000 },
          ]),
        )
    },
    answer(other) {
      poll = other
    },
    tell(other) {
      history = other
    },
    tellWeek(other) {
      lastWeek = other
    },
  }
}
