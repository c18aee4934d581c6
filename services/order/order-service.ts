/** Orders, cash, holdings and the journal: everything that changes in one transaction. */
import type { Bus } from '@cnop/kit/bus/bus.ts'
import type { Log } from '@cnop/kit/log.ts'
import { createService, type Service } from '@cnop/kit/service.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import type { Transports } from '@cnop/kit/transport.ts'
import type { Answer } from './ledger/commit-command.ts'
import { createLedger } from './ledger/ledger.ts'
import { startAnswerSweep } from './ledger/sweep-answers.ts'
import { orderCommands } from './order-commands.ts'
import { orderReads } from './order-reads.ts'
import type { OrderRules } from './order-rules.ts'
import { createAssetPrices } from './prices/asset-prices.ts'
import { createQuoteBatch } from './prices/quote-batch.ts'
import type { RewardParts } from './rewards/claim-reward.ts'
import { journalChannel } from './stream/journal-channel.ts'

export type OrderServiceParts = {
  readonly store: Store
  readonly bus: Bus
  /** Reaches inventory. */
  readonly transports: Transports
  readonly callerSecret: string
  readonly log: Log
  readonly telemetry: Telemetry
  readonly now: () => number
  /** A new identifier each time, rising in the order of the calls: a ULID. */
  readonly newId: () => string
  readonly rules: OrderRules
  /** Absent where no rewards are paid. */
  readonly rewards?: RewardParts | undefined
  readonly checkAnswers?: boolean
  /** The store leaves rows where they are when they have expired: this service takes them away. */
  readonly sweepsExpired?: boolean
}

export function createOrderService(parts: OrderServiceParts): Promise<Service> {
  const { store, bus, transports, callerSecret, log, telemetry, now, newId, rules, rewards } = parts
  const prices = createAssetPrices({ transports, signing: { secret: callerSecret, now } })
  const { onRetry, onAnswer } = ledgerMetrics(telemetry)
  const ledger = createLedger({
    store,
    clock: { ...systemCommitClock, now },
    onCommit: (userId) => bus.publish(journalChannel(userId), ''),
    onRetry,
  })
  const quotes = createQuoteBatch(prices)
  const sweep = parts.sweepsExpired ? startAnswerSweep({ store, now, log }) : undefined
  return createService({
    name: 'order',
    endpoints: [
      ...orderCommands({ ledger, store, quotes, rules, rewards, newId, now, onAnswer }),
      ...orderReads({ store, bus, prices, rules, now }),
    ],
    callerSecret,
    log,
    telemetry,
    now,
    checkAnswers: parts.checkAnswers ?? false,
    onClose: async () => sweep?.close(),
  })
}

function ledgerMetrics(telemetry: Telemetry) {
  const answers = telemetry.counter('ledger_answers_total', 'Commands answered', [
    'route',
    'outcome',
  ])
  const retries = telemetry.counter('ledger_retries_total', 'Commits tried again', ['reason'])
  return {
    onRetry: (reason: string): void => retries.labels({ reason }).inc(),
    onAnswer: (route: string, { status, replayed }: Answer): void => {
      const fresh = status < 400 ? 'done' : 'refused'
      answers.labels({ route, outcome: replayed ? 'replayed' : fresh }).inc()
    },
  }
}
