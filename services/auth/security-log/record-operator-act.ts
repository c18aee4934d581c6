import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { type SecurityEvent, securityEventOp } from './security-event-rows.ts'

export type OperatorAct = Omit<SecurityEvent, 'kind' | 'address'> & { readonly deadline: number }

/** Durable once it resolves. */
export async function recordOperatorAct(
  { deadline, ...act }: OperatorAct,
  { store, clock, newId }: { store: Store; clock: CommitClock; newId: () => string },
): Promise<void> {
  const when = { at: new Date(clock.now()).toISOString(), id: newId() }
  const op = securityEventOp({ ...act, kind: 'operator-acted' }, when)
  const decide = () => ({ ops: [op], outcome: undefined })
  await commitDecision({ store, keys: [], decide, deadline, clock })
}
