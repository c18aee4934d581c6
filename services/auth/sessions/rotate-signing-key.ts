import type { CommitClock } from '@cnop/kit/store/commit-decision.ts'
import { securityEventOp } from '../security-log/security-event-rows.ts'
import type { SigningKeys } from './signing-keys.ts'

/** An operator gives up every signing key there is for a new one, whose name is answered. */
export async function rotateSigningKey(
  {
    actor,
    reason,
    requestId,
    deadline,
  }: { actor: string | undefined; reason: string; requestId: string; deadline: number },
  { keys, clock, newId }: { keys: SigningKeys; clock: CommitClock; newId: () => string },
): Promise<string> {
  const told = securityEventOp(
    { kind: 'signing-key-rotated', outcome: 'done', actor, requestId, detail: reason },
    { at: new Date(clock.now()).toISOString(), id: newId() },
  )
  const { kid } = await keys.rotate(told, deadline)
  return kid
}
