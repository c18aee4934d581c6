/**
 * One customer's books, audited from the rows as they are stored: the journal is replayed from its
 * first event, each event is checked, and what it comes to is compared with every stored row. Memory
 * holds one page of events, the balances and the open orders, however long the journal is.
 *
 * The account may be in use meanwhile: what has settled never changes again, and the rest is
 * compared when the head stood still while it was read.
 */

import { CorruptRow } from '@cnop/kit/store/row-fields.ts'
import type { StoreReader } from '@cnop/kit/store/store.ts'
import { genesisHash } from '../ledger/journal-rows.ts'
import { type AuditListener, type AuditPass, auditJournal } from './audit-journal.ts'
import { auditRows } from './audit-rows.ts'
import { createStepCheck } from './check-event.ts'
import { createFindings, type Findings, RULE_NAMES, RULES, type Rule } from './findings.ts'
import { createReplay } from './replay-journal.ts'

export type AuditCheck = {
  /** The rule's id and what it says. */
  readonly name: string
  readonly rule: Rule
  readonly ok: boolean
  readonly detail?: string
}

export type AccountAudit = {
  readonly ok: boolean
  /** Journal events replayed. */
  readonly events: number
  /** Of the last event replayed; empty before the first. */
  readonly headHash: string
  readonly checks: readonly AuditCheck[]
}

export async function auditAccount({
  store,
  userId,
  nowMs,
  listener = {},
}: {
  store: Pick<StoreReader, 'snapshot' | 'query'>
  userId: string
  nowMs: number
  listener?: AuditListener
}): Promise<AccountAudit> {
  const findings = createFindings()
  const replay = createReplay(userId)
  const pass: AuditPass = {
    store,
    userId,
    nowSeconds: BigInt(Math.floor(nowMs / 1000)),
    listener,
    findings,
    replay,
    check: createStepCheck(findings),
    settled: { orders: 0, transfers: 0, answers: 0 },
    hash: genesisHash(userId),
  }
  try {
    await auditJournal(pass)
    if (findings.stop() === undefined) await auditRows(pass)
  } catch (error) {
    if (!(error instanceof CorruptRow)) throw error
    findings.stopped('L6', error.message)
  }
  const account = replay.account()
  const checks = RULE_NAMES.map((rule) => checkOf(rule, findings))
  return {
    ok: checks.every(({ ok }) => ok),
    events: Number(account?.seq ?? 0n),
    headHash: account?.hash ?? '',
    checks,
  }
}

/** A rule that could not be checked to the end is not vouched for. */
function checkOf(rule: Rule, findings: Findings): AuditCheck {
  const name = `${rule}: ${RULES[rule]}`
  const broken = findings.breaks.get(rule)
  const stop = findings.stop()
  const detail = broken ?? (stop === undefined ? undefined : `not checked to the end: ${stop}`)
  return detail === undefined ? { name, rule, ok: true } : { name, rule, ok: false, detail }
}
