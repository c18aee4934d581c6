/** What the configuration means to each service. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Capabilities } from '@cnop/contract/capabilities.ts'
import { formatUsd } from '@cnop/contract/money.ts'
import { ORDER_TYPES_ON } from '@cnop/contract/order.ts'
import { type Config, ConfigError } from '@cnop/kit/config.ts'
import type { BreakerRules } from '@cnop/kit/guard/breaker.ts'
import type { Mail } from '@cnop/kit/mail/mail.ts'
import type { ModelRules } from './insights/guard-model.ts'
import type { Model } from './insights/model.ts'
import type { Catalogue } from './inventory/catalogue.ts'
import type { PriceFeed } from './inventory/price-feed.ts'
import { createSimulatedFeed } from './inventory/simulated-feed.ts'
import { ORDER_RULES_DEFAULT, type OrderRules } from './order/order-rules.ts'
import shippedRedPocket from './order/rewards/red-pocket.json' with { type: 'json' }
import { type RedPocket, readRedPocket } from './order/rewards/red-pocket.ts'
import packageOfServices from './package.json' with { type: 'json' }

const PAGE_LIMIT_MAX = 100

/** What this build can do under these limits, as pages and bots are told. */
export const capabilitiesOf = (config: Config): Capabilities => ({
  version: packageOfServices.version,
  market: { feed: config.marketFeed, paper_money: true },
  order_types: [...ORDER_TYPES_ON],
  order_classes: ['simple'],
  times_in_force: ['gtc', 'ioc', 'fok'],
  features: [
    'stream',
    'idempotency',
    'ledger-verify',
    'watchlist',
    'preferences',
    'refresh',
    'sessions',
    'second-factor',
    'api-keys',
    'password-reset',
    'email-verification',
    'insights',
    ...(paysRewards(config) ? ['red-pocket'] : []),
  ],
  limits: {
    order_notional_max: formatUsd(config.orderMax),
    order_notional_min: formatUsd(ORDER_RULES_DEFAULT.orderMin),
    deposit_per_day_max: formatUsd(config.depositPerDay),
    withdraw_per_day_max: formatUsd(config.withdrawPerDay),
    fee_basis_points: config.feeBasisPoints,
    page_limit_max: PAGE_LIMIT_MAX,
  },
})

export const orderRulesOf = (config: Config): OrderRules => ({
  ...ORDER_RULES_DEFAULT,
  orderMax: config.orderMax,
  feeBasisPoints: BigInt(config.feeBasisPoints),
  protectionBasisPoints: BigInt(config.protectionBasisPoints),
  depositPerDayMax: config.depositPerDay,
  withdrawPerDayMax: config.withdrawPerDay,
})

const paysRewards = ({ redPocketFile }: Config): boolean => redPocketFile !== 'off'

/** `undefined` where no rewards are paid. Throws `ConfigError` for a file that is none. */
export function redPocketOf(config: Config): RedPocket | undefined {
  if (!paysRewards(config)) return undefined
  const { redPocketFile: file } = config
  try {
    return readRedPocket(
      file === undefined ? shippedRedPocket : JSON.parse(readFileSync(file, 'utf8')),
    )
  } catch (error) {
    const trouble = error instanceof SyntaxError ? 'It is no JSON.' : (error as Error).message
    throw new ConfigError([`RED_POCKET_FILE must name a list of phrases. ${trouble}`])
  }
}

export const breakerRulesOf = (config: Config): BreakerRules => ({
  failuresMax: config.breakerFailures,
  openMs: config.breakerOpenSeconds * 1000,
  successesMin: config.breakerSuccesses,
})

const COINGECKO_TIMEOUT_MS = 8_000
/** Charts leave most of a provider's quota to the prices. */
const COINGECKO_HISTORY_CALLS_PER_MINUTE = 10

export const historyAllowance = (config: Config): { historyCallsPerMinuteMax?: number } =>
  config.marketFeed === 'coingecko'
    ? { historyCallsPerMinuteMax: COINGECKO_HISTORY_CALLS_PER_MINUTE }
    : {}

/** The provider's library is loaded only where it is used. */
export async function openFeed(config: Config, { assets }: Catalogue): Promise<PriceFeed> {
  if (config.marketFeed === 'simulator')
    return createSimulatedFeed({ seed: config.marketSeed, assets })
  const { createCoinGeckoFeed } = await import('./inventory/coingecko-feed.ts')
  const { coingeckoKey: key, coingeckoUrl: baseUrl } = config
  return createCoinGeckoFeed({
    assets,
    periodMs: config.coingeckoPeriodSeconds * 1000,
    timeoutMs: COINGECKO_TIMEOUT_MS,
    ...(key === undefined ? {} : { apiKey: { plan: 'demo', key } }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  })
}

/** `undefined` where the rules write. A provider's library is loaded only where it is used. */
export async function openModel(config: Config): Promise<Model | undefined> {
  const { geminiKey, modelUrl, modelName } = config
  if (geminiKey !== undefined) {
    const { createGeminiModel } = await import('./insights/gemini-model.ts')
    return createGeminiModel({
      apiKey: geminiKey,
      model: config.geminiModel,
      baseUrl: config.geminiUrl,
    })
  }
  if (modelUrl === undefined || modelName === undefined) return undefined
  const { createOpenAIModel } = await import('./insights/openai-model.ts')
  return createOpenAIModel({ baseUrl: modelUrl, model: modelName, apiKey: config.modelKey })
}

export const modelRulesOf = (config: Config): ModelRules => ({
  timeoutMs: config.modelTimeoutSeconds * 1000,
  atOnceMax: config.modelCallsAtOnce,
  callsPerMinute: config.modelCallsPerMinute,
  breaker: { ...breakerRulesOf(config), successesMin: 1 },
})

const MAIL_FOLDER = 'mail'

/** By the mail server that is configured, or to a folder beside the data. */
export async function openMail(
  { smtpUrl: url, mailFrom: from }: Config,
  dataDir: string,
): Promise<Mail> {
  if (url === undefined) {
    const { createFileMail } = await import('@cnop/kit/mail/file-mail.ts')
    return createFileMail({ folder: join(dataDir, MAIL_FOLDER), from, now: Date.now })
  }
  const { createSmtpMail } = await import('@cnop/kit/mail/smtp-mail.ts')
  return createSmtpMail({ url, from })
}
