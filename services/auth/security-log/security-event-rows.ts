/** Key and stored shape of what the security log keeps: one partition a UTC day, in order of time. */
import { SECURITY_EVENTS, type SecurityEventKind } from '@cnop/contract/security-log.ts'
import { nameIn, optionalTextIn, textIn, withoutAbsent } from '@cnop/kit/store/row-fields.ts'
import type { Key, Op, Row } from '@cnop/kit/store/store.ts'

/** Never holds a secret, a token or a password. */
export type SecurityEvent = {
  readonly kind: SecurityEventKind
  readonly outcome: 'done' | 'refused'
  readonly userId?: string | undefined
  /** The name or address of an account as it was tried, or the operator's name. */
  readonly actor?: string | undefined
  readonly address?: string | undefined
  readonly requestId: string
  readonly detail?: string | undefined
}

export type KeptEvent = SecurityEvent & {
  readonly id: string
  /** RFC 3339, UTC. */
  readonly at: string
}

const DAY_PREFIX = 'E#'

export const securityDayPartition = (day: string): string => `${DAY_PREFIX}${day}`

export const isSecurityEventKey = ({ pk }: Key): boolean => pk.startsWith(DAY_PREFIX)

/** The UTC day of a moment, such as 2026-01-31. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** `id` rises with time: a ULID. */
export const securityEventKey = (at: string, id: string): Key => ({
  pk: securityDayPartition(at.slice(0, 10)),
  sk: id,
})

/** For the commit that does what the event tells, so that neither is there without the other. */
export const securityEventOp = (
  event: SecurityEvent,
  { at, id }: { readonly at: string; readonly id: string },
): Op => ({ kind: 'put', key: securityEventKey(at, id), row: storeEvent(event, at) })

const storeEvent = (event: SecurityEvent, at: string): Row => withoutAbsent({ ...event, at })

export const loadSecurityEvent = (id: string, row: Row): KeptEvent => ({
  id,
  at: textIn(row, 'at'),
  kind: nameIn(row, 'kind', SECURITY_EVENTS),
  outcome: nameIn(row, 'outcome', ['done', 'refused']),
  userId: optionalTextIn(row, 'userId'),
  actor: optionalTextIn(row, 'actor'),
  address: optionalTextIn(row, 'address'),
  requestId: textIn(row, 'requestId'),
  detail: optionalTextIn(row, 'detail'),
})
