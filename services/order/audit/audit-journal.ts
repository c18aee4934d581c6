/** The journal, read from where the audit stands to its end. */
import {
  type Key,
  type KeyedRow,
  type Row,
  STORE_LIMITS,
  type StoreReader,
} from '@cnop/kit/store/store.ts'
import { TRANSFER_PREFIX, type Transfer } from '../cash/transfer-rows.ts'
import { partitionOf } from '../ledger/account-rows.ts'
import type { Balance } from '../ledger/balance-rows.ts'
import { IDEMPOTENCY_PREFIX, loadKeptAnswer } from '../ledger/idempotency-rows.ts'
import {
  chainHash,
  EVENT_RANGE,
  eventSortKey,
  type JournalEvent,
  loadStoredEvent,
  parseEvent,
} from '../ledger/journal-rows.ts'
import type { StepCheck } from './check-event.ts'
import type { Findings, Rule } from './findings.ts'
import type { Replay } from './replay-journal.ts'
import { differingColumn } from './row-difference.ts'

/** Hears what the audit of one account reads, so that the house can be audited in the same pass. */
export type AuditListener = {
  readonly event?: (event: JournalEvent) => void
  readonly transfer?: (transfer: Transfer) => void
  readonly balance?: (balance: Balance) => void
}

/** What one audit of one account carries from step to step. */
export type AuditPass = {
  readonly store: Pick<StoreReader, 'snapshot' | 'query'>
  readonly userId: string
  readonly nowSeconds: bigint
  readonly listener: AuditListener
  readonly findings: Findings
  readonly replay: Replay
  readonly check: StepCheck
  /** Rows that the journal says there are, beside those that still change. */
  readonly settled: { orders: number; transfers: number; answers: number }
  /** Of the last event read, as stored. */
  hash: string
}

/** Events of one page: a megabyte or so. */
const PAGE = 500

/** Replays and checks what follows the last event replayed. */
export async function auditJournal(pass: AuditPass): Promise<void> {
  const partition = partitionOf(pass.userId)
  for (;;) {
    const last = pass.replay.account()?.seq
    const page = await pass.store.query(partition, {
      ...EVENT_RANGE,
      limit: PAGE,
      ...(last === undefined ? {} : { after: eventSortKey(last) }),
    })
    const settled = page.rows.flatMap((stored) => auditEvent(pass, stored))
    await compareSettled(pass, settled)
    if (!page.more || pass.findings.stop() !== undefined) return
  }
}

/** The rows that are settled with this event; none once the journal cannot be followed. */
function auditEvent(pass: AuditPass, { sk, row }: KeyedRow): readonly KeyedRow[] {
  const { findings, replay, listener } = pass
  if (findings.stop() !== undefined) return []
  const seq = (replay.account()?.seq ?? 0n) + 1n
  if (sk !== eventSortKey(seq)) {
    findings.stopped('E1', `event ${seq} is missing, ${sk} follows`)
    return []
  }
  const { bytes, hash } = loadStoredEvent(row)
  if (chainHash(pass.hash, bytes) !== hash) findings.broken('E2', `event ${seq}`)
  pass.hash = hash
  const event = parseEvent(bytes)
  if (event.seq !== seq) findings.broken('E1', `event ${seq} calls itself ${event.seq}`)
  const before = replay.account()
  if (before !== undefined && event.at < before.at) {
    findings.broken('E1', `event ${seq} is older than the one before it`)
  }
  const step = replay.apply({ ...event, seq }, hash)
  pass.check(step)
  listener.event?.(event)
  return step.settled
}

const KEYS = STORE_LIMITS.keysPerSnapshotMax

async function compareSettled(pass: AuditPass, settled: readonly KeyedRow[]): Promise<void> {
  const pk = partitionOf(pass.userId)
  for (let start = 0; start < settled.length; start += KEYS) {
    const chunk = settled.slice(start, start + KEYS)
    const keys = new Map<string, Key>(chunk.map(({ sk }) => [sk, { pk, sk }]))
    const rows = await pass.store.snapshot([...keys.values()])
    const stored = new Map([...keys.keys()].map((sk, index) => [sk, rows[index]]))
    for (const expected of chunk) compareOne(pass, expected, stored.get(expected.sk))
  }
}

function compareOne(pass: AuditPass, { sk, row }: KeyedRow, stored: Row | undefined): void {
  const { settled, findings } = pass
  if (sk.startsWith(IDEMPOTENCY_PREFIX)) {
    // An answer that has expired may be gone, or its key used again.
    if (loadKeptAnswer(row).expires <= pass.nowSeconds) return
    settled.answers += 1
    if (stored?.['seq'] !== row['seq']) findings.broken('I1', `${sk} does not lead to its event`)
    compareRow(findings, { sk, row }, stored)
    return
  }
  if (sk.startsWith(TRANSFER_PREFIX)) settled.transfers += 1
  else {
    settled.orders += 1
    if (stored !== undefined && stored['placedSeq'] !== row['placedSeq']) {
      findings.broken('O7', `${sk} was placed by two events`)
    }
  }
  compareRow(findings, { sk, row }, stored)
}

export function compareRow(
  findings: Findings,
  expected: KeyedRow,
  stored: Row | undefined,
  rule: Rule = 'L6',
): void {
  if (stored === undefined) {
    findings.broken(rule, `${expected.sk} is missing`)
    return
  }
  const column = differingColumn(expected.row, stored)
  if (column !== undefined) findings.broken(rule, `${expected.sk} differs in ${column}`)
}
