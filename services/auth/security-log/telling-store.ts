/**
 * Tells of security events once they are durable, whoever commits them: as lines of a log of their
 * own, for what collects logs, and as a metric.
 */
import type { Log } from '@cnop/kit/log.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import { isSecurityEventKey, type KeptEvent, loadSecurityEvent } from './security-event-rows.ts'

export function createTellingStore(
  store: Store,
  { log, telemetry }: { log: Log; telemetry: Telemetry },
): Store {
  const stream = log.child({ stream: 'security' })
  const total = telemetry.counter('security_events_total', 'Events of the security log', [
    'kind',
    'outcome',
  ])
  return {
    ...store,
    async transact(ops, options) {
      await store.transact(ops, options)
      for (const event of eventsAmong(ops)) {
        total.inc({ kind: event.kind, outcome: event.outcome })
        stream.info(lineOf(event), event.kind)
      }
    },
  }
}

const eventsAmong = (ops: readonly Op[]): readonly KeptEvent[] =>
  ops.flatMap((op) =>
    op.kind === 'put' && isSecurityEventKey(op.key) ? [loadSecurityEvent(op.key.sk, op.row)] : [],
  )

const lineOf = ({ id, at, userId, requestId, ...event }: KeptEvent) => ({
  ...event,
  event_id: id,
  at,
  user_id: userId,
  request_id: requestId,
})
