/**
 * Prices from CoinGecko, through its official SDK.
 *
 * The SDK knows addresses, parameters, keys and headers. Three things are kept from it: it does not
 * retry (the service polls again anyway, and a retry would spend the plan's calls), it does not
 * parse (see `coingecko-answers.ts`), and it does not time: its own limit ends when the headers
 * arrive, so one deadline here covers a call up to the last byte of its body.
 */
import {
  APIConnectionTimeoutError,
  APIError,
  Coingecko,
  RateLimitError,
} from '@coingecko/coingecko-typescript'
import type { Asset } from './catalogue.ts'
import { parseAnswer, readCandles, readQuotes, readWeeks } from './coingecko-answers.ts'
import {
  CANDLE_INTERVAL_MS,
  DAY_MS,
  type HistoryRequest,
  HOUR_MS,
  type PriceFeed,
  PriceFeedFault,
} from './price-feed.ts'

export type CoinGeckoFeedOptions = {
  readonly assets: readonly Asset[]
  readonly periodMs: number
  /** For one poll with all its pages, or for one history. */
  readonly timeoutMs: number
  /** Without a key the public address answers, a few times a minute. */
  readonly apiKey?: { readonly plan: 'demo' | 'pro'; readonly key: string }
  /** Another address than the plan's. */
  readonly baseUrl?: string
}

const ADDRESSES = {
  demo: 'https://api.coingecko.com/api/v3',
  pro: 'https://pro-api.coingecko.com/api/v3',
} as const

const IDS_PER_PAGE_MAX = 250
const ANSWER_BYTES_MAX = 8 * 1024 * 1024
const RETRY_AFTER_MS_MIN = 1000
const RETRY_AFTER_MS_MAX = HOUR_MS
/** CoinGecko counts calls by the minute. */
const RETRY_AFTER_MS_DEFAULT = 60_000

/**
 * How far back CoinGecko's charts are fine enough for an interval on every plan: five minutes apart
 * within a day, an hour apart within 90, a day apart within a year.
 */
const REACH_MS: Readonly<Record<HistoryRequest['interval'], number>> = {
  '1m': 0,
  '5m': DAY_MS,
  '15m': DAY_MS,
  '1h': 90 * DAY_MS,
  '4h': 90 * DAY_MS,
  '1d': 365 * DAY_MS,
}

type Download = (call: (signal: AbortSignal) => Promise<Response>) => Promise<unknown>

export function createCoinGeckoFeed(options: CoinGeckoFeedOptions): PriceFeed {
  const client = clientOf(options)
  const idOf = new Map(options.assets.map((asset) => [asset.assetId, asset.coinGeckoId]))

  const markets = async (
    times: { readonly nowMs: number; readonly signal: AbortSignal },
    extra: { readonly sparkline?: true } = {},
  ): Promise<unknown> => {
    const download = downloadWithin(options.timeoutMs, times)
    const rows: unknown[] = []
    for (const ids of pagesOf([...idOf.values()])) {
      const query = { vs_currency: 'usd', ids: ids.join(','), per_page: IDS_PER_PAGE_MAX } as const
      const page = await download((signal) =>
        client.coins.markets
          .get({ ...query, precision: 'full', ...extra }, { signal })
          .asResponse(),
      )
      if (!Array.isArray(page)) return page
      rows.push(...page)
    }
    return rows
  }

  return {
    kind: 'coingecko',
    periodMs: options.periodMs,
    poll: async (nowMs, signal) =>
      byAsset(idOf, readQuotes(await markets({ nowMs, signal }), nowMs)),
    lastWeek: async (nowMs, signal) =>
      byAsset(idOf, readWeeks(await markets({ nowMs, signal }, { sparkline: true }), nowMs)),
    history: async (request, signal) => {
      const id = idOf.get(request.assetId)
      const fromMs = reachableFrom(request)
      if (id === undefined || fromMs >= Math.min(request.toMs, request.nowMs)) return []
      const download = downloadWithin(options.timeoutMs, { nowMs: request.nowMs, signal })
      // The chart is finer the shorter it is, counted back from the present: so it ends there.
      const range = { from: secondsOf(fromMs), to: secondsOf(request.nowMs) }
      const chart = await download((deadline) =>
        client.coins.marketChart
          .getRange(id, { vs_currency: 'usd', ...range, precision: 'full' }, { signal: deadline })
          .asResponse(),
      )
      return readCandles(chart, { ...request, fromMs })
    },
  }
}

/** The first whole candle of those asked for that the charts are fine enough for. */
function reachableFrom({ interval, fromMs, nowMs }: HistoryRequest): number {
  const intervalMs = CANDLE_INTERVAL_MS[interval]
  return Math.ceil(Math.max(fromMs, nowMs - REACH_MS[interval]) / intervalMs) * intervalMs
}

/** Every option the SDK would otherwise take from the environment is given. */
function clientOf({ apiKey, baseUrl, timeoutMs }: CoinGeckoFeedOptions): Coingecko {
  return new Coingecko({
    baseURL: baseUrl ?? ADDRESSES[apiKey?.plan ?? 'demo'],
    proAPIKey: apiKey?.plan === 'pro' ? apiKey.key : null,
    demoAPIKey: apiKey?.plan === 'demo' ? apiKey.key : null,
    // Without a key the SDK wants to hear that this is meant.
    defaultHeaders: apiKey ? {} : { 'x-cg-demo-api-key': null },
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    // A redirect would carry the key to another host.
    fetchOptions: { redirect: 'error' },
  })
}

/** One deadline for all downloads of a call; every failure comes out as a `PriceFeedFault`. */
function downloadWithin(
  timeoutMs: number,
  { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
): Download {
  const deadline = AbortSignal.timeout(timeoutMs)
  const either = AbortSignal.any([signal, deadline])
  return async (call) => {
    try {
      return parseAnswer(await readText(await call(either)))
    } catch (error) {
      // Ended by the caller, who knows why.
      signal.throwIfAborted()
      if (error instanceof PriceFeedFault) throw error
      if (deadline.aborted || error instanceof APIConnectionTimeoutError)
        throw new PriceFeedFault('timeout', `CoinGecko took longer than ${timeoutMs} ms.`)
      throw faultOf(error, nowMs)
    }
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MAX)
      throw new PriceFeedFault(
        'broken-answer',
        `CoinGecko sent more than ${ANSWER_BYTES_MAX} bytes.`,
      )
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function faultOf(error: unknown, nowMs: number): PriceFeedFault {
  if (error instanceof RateLimitError) {
    const retryAfterMs = retryAfterMsOf(error.headers.get('retry-after'), nowMs)
    return new PriceFeedFault('rate-limited', 'CoinGecko asks for fewer calls.', { retryAfterMs })
  }
  const status = error instanceof APIError ? error.status : undefined
  if (status === undefined)
    return new PriceFeedFault('unreachable', 'CoinGecko cannot be reached.', { cause: error })
  return status >= 500
    ? new PriceFeedFault('unreachable', `CoinGecko failed with status ${status}.`)
    : new PriceFeedFault('refused', `CoinGecko refused the call with status ${status}.`)
}

/** `Retry-After` in seconds or as a date, within reason. */
function retryAfterMsOf(header: string | null, nowMs: number): number {
  const text = header ?? ''
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  if (Number.isNaN(waitMs)) return RETRY_AFTER_MS_DEFAULT
  return Math.min(RETRY_AFTER_MS_MAX, Math.max(RETRY_AFTER_MS_MIN, waitMs))
}

function byAsset<V>(
  idOf: ReadonlyMap<string, string>,
  byCoinGeckoId: ReadonlyMap<string, V>,
): ReadonlyMap<string, V> {
  const known = new Map<string, V>()
  for (const [assetId, id] of idOf) {
    const value = byCoinGeckoId.get(id)
    if (value !== undefined) known.set(assetId, value)
  }
  return known
}

function* pagesOf(ids: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < ids.length; start += IDS_PER_PAGE_MAX)
    yield ids.slice(start, start + IDS_PER_PAGE_MAX)
}

const secondsOf = (ms: number): string => String(Math.floor(ms / 1000))
