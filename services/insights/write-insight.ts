/** From a customer's portfolio to a few sentences about it: read, compare with what is kept, write. */
import type { Send } from '@cnop/contract/call.ts'
import type { PortfolioInsight } from '@cnop/contract/insights.ts'
import { parseUsd } from '@cnop/contract/money.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import { decideBriefing, type Gathered } from './decide-briefing.ts'
import { gatherHoldings, gatherMoves } from './gather-portfolio.ts'
import type { GuardedModel } from './guard-model.ts'
import { createKeptInsights, fingerprintOf } from './kept-insights.ts'
import { NOTHING_YET, RULE_BASED } from './rule-based-model.ts'

export type AskedInsight = {
  readonly userId: string
  readonly deadline: number
  /** As the customer. */
  readonly send: Send
}

export type InsightWriter = (asked: AskedInsight) => Promise<PortfolioInsight>

const DAY_MS = 24 * 3_600_000
/** What was written because the model failed makes way for the model soon. */
const FALLBACK_MS = 60_000

/** Throws what the services asked refuse with, and what a model that fails comes to. */
export function createInsightWriter(parts: {
  readonly model: GuardedModel
  readonly telemetry: Telemetry
  readonly now: () => number
}): InsightWriter {
  const { model, telemetry, now } = parts
  const kept = createKeptInsights({ now })
  const writing = new Map<string, Promise<PortfolioInsight>>()
  const reads = telemetry.counter('insights_cache_total', 'Texts asked for', ['outcome'])
  const told = (summary: string, name: string): PortfolioInsight => ({
    summary,
    generated_at: new Date(now()).toISOString(),
    model: name,
  })

  const write = async (
    { userId, deadline, send }: AskedInsight,
    holdings: Pick<Gathered, 'portfolio' | 'orders'>,
    fingerprint: string,
  ): Promise<PortfolioInsight> => {
    const briefing = decideBriefing({ ...holdings, ...(await gatherMoves(send)) })
    const written = await model.write(briefing, { userId, deadline })
    const insight = told(written.summary, written.model)
    kept.keep(userId, { fingerprint, insight, lifeMs: written.fellBack ? FALLBACK_MS : DAY_MS })
    return insight
  }

  return async (asked) => {
    const holdings = await gatherHoldings(asked.send)
    if (isEmpty(holdings)) return told(NOTHING_YET, RULE_BASED)
    const fingerprint = fingerprintOf(holdings)
    const found = kept.get(asked.userId, fingerprint)
    reads.labels({ outcome: found === undefined ? 'miss' : 'hit' }).inc()
    if (found !== undefined) return found
    const name = `${asked.userId} ${fingerprint}`
    const sharing = writing.get(name)
    if (sharing !== undefined) return sharing
    const own = write(asked, holdings, fingerprint).finally(() => writing.delete(name))
    writing.set(name, own)
    return own
  }
}

const isEmpty = ({ portfolio }: Pick<Gathered, 'portfolio'>): boolean =>
  portfolio.assets.length === 0 && (parseUsd(portfolio.total_value) ?? 0n) <= 0n
