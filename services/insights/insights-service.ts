/** A few sentences about a portfolio. On no path of money: it reads, as the customer, and writes nothing. */
import { getPortfolioInsight } from '@cnop/contract/insights.ts'
import type { Cache } from '@cnop/kit/cache/cache.ts'
import type { Log } from '@cnop/kit/log.ts'
import { createService, customerOf, type Service, serve } from '@cnop/kit/service.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import { sendAs, type Transports } from '@cnop/kit/transport.ts'
import { freeModel, guardModel, type ModelRules } from './guard-model.ts'
import type { Model } from './model.ts'
import { createRuleBasedModel } from './rule-based-model.ts'
import { createInsightWriter } from './write-insight.ts'

export type InsightsServiceParts = {
  /** Reaches order and inventory. */
  readonly transports: Transports
  /** Absent where the rules write. */
  readonly model: Model | undefined
  /** The rules write when the model does not. */
  readonly fallsBack: boolean
  readonly rules: ModelRules
  readonly cache: Cache
  readonly callerSecret: string
  readonly log: Log
  readonly telemetry: Telemetry
  readonly now: () => number
  readonly checkAnswers?: boolean
}

export function createInsightsService(parts: InsightsServiceParts): Promise<Service> {
  const { transports, callerSecret, log, telemetry, now, checkAnswers = false } = parts
  const signing = { secret: callerSecret, now }
  const writeInsight = createInsightWriter({ model: modelOf(parts), telemetry, now })
  return createService({
    name: 'insights',
    endpoints: [
      serve(getPortfolioInsight, async (call) => {
        const { userId } = customerOf(call)
        const send = sendAs(call.caller, transports, signing, call)
        return { data: await writeInsight({ userId, deadline: call.deadline, send }) }
      }),
    ],
    callerSecret,
    log,
    telemetry,
    now,
    checkAnswers,
  })
}

function modelOf(parts: InsightsServiceParts) {
  const rules = createRuleBasedModel()
  const { model, fallsBack } = parts
  return model === undefined
    ? freeModel(rules)
    : guardModel({ ...parts, model, fallback: fallsBack ? rules : undefined })
}
