/** The security log: which route, which function. */
import {
  listSecurityEvents as listSecurityEventsRoute,
  recordOperatorAct as recordOperatorActRoute,
  type SecurityEvent,
} from '@cnop/contract/security-log.ts'
import { type Endpoint, serve } from '@cnop/kit/service.ts'
import type { CommitClock } from '@cnop/kit/store/commit-decision.ts'
import { withoutAbsent } from '@cnop/kit/store/row-fields.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { listSecurityEvents } from './security-log/list-security-events.ts'
import { recordOperatorAct } from './security-log/record-operator-act.ts'
import { dayOf, type KeptEvent } from './security-log/security-event-rows.ts'

const LIMIT_DEFAULT = 100

export function securityEndpoints(parts: {
  store: Store
  clock: CommitClock
  newId: () => string
}): readonly Endpoint[] {
  return [
    serve(listSecurityEventsRoute, async ({ query }) => {
      const { day = dayOf(parts.clock.now()), limit = LIMIT_DEFAULT, user_id: userId } = query
      const { kind, address, cursor: after } = query
      const wanted = { day, kind, userId, address, limit, after }
      const { events, next } = await listSecurityEvents(wanted, parts.store)
      return {
        data: events.map(toldEvent),
        has_more: next !== undefined,
        ...(next === undefined ? {} : { next_cursor: next }),
      }
    }),
    serve(recordOperatorActRoute, async ({ body, deadline }) => {
      const { operator: actor, detail, outcome, user_id: userId, request_id: requestId } = body
      await recordOperatorAct({ actor, detail, outcome, userId, requestId, deadline }, parts)
      return { data: { recorded: true } }
    }),
  ]
}

const toldEvent = ({ id, at, userId, requestId, ...event }: KeptEvent): SecurityEvent =>
  withoutAbsent({ ...event, event_id: id, at, user_id: userId, request_id: requestId })
