/** What an operator asks for, done through the routes of the contract, and told in a sentence. */
import { findUser } from '@cnop/contract/auth.ts'
import { adjustBalance, setAccountStatus } from '@cnop/contract/balance.ts'
import { call, type Send } from '@cnop/contract/call.ts'
import { haltAsset, releaseAsset } from '@cnop/contract/inventory.ts'
import {
  endAllSessions,
  listSecurityEvents,
  resetSecondFactor,
  rotateSigningKey,
  type SecurityEvent,
} from '@cnop/contract/security-log.ts'
import type { EventsAsked, OperatorAction } from './operator-command.ts'
import { securityEventTable } from './security-event-table.ts'

type Sending = { readonly send: Send; readonly key: string }

/** `key` names the attempt: under it there is at most one effect. */
export async function carryOut(action: OperatorAction, { send, key }: Sending): Promise<string> {
  switch (action.kind) {
    case 'set-status':
      return setStatus(action, { send, key })
    case 'adjust':
      return adjust(action, { send, key })
    case 'list-events':
      return listEvents(action, send)
    case 'set-trading': {
      const { asset, reason } = action
      const route = action.halted ? haltAsset : releaseAsset
      const { data } = await call(send, route, { params: { asset_id: asset }, body: { reason } })
      return `Trading in ${data.asset_id} is ${data.halted ? 'halted' : 'allowed'}.`
    }
    case 'rotate-keys': {
      const { reason } = action
      const { data } = await call(send, rotateSigningKey, { body: { reason } })
      return `Tokens are signed with the new key ${data.kid}.`
    }
    case 'reset-second-factor': {
      const { username, label } = await resolveUser(send, action.user)
      const { reason } = action
      await call(send, resetSecondFactor, { params: { username }, body: { reason } })
      return `The account of ${label} has no second factor.`
    }
    case 'sign-out': {
      const { username, label } = await resolveUser(send, action.user)
      const { reason } = action
      await call(send, endAllSessions, { params: { username }, body: { reason } })
      return `Every session of ${label} has ended.`
    }
  }
}

async function setStatus(
  { user, status, reason }: Extract<OperatorAction, { kind: 'set-status' }>,
  { send, key }: Sending,
): Promise<string> {
  const { id, label } = await resolveUser(send, user)
  const { data } = await call(send, setAccountStatus, {
    params: { user_id: id },
    body: { status, reason },
    idempotencyKey: key,
  })
  return `The account of ${label} is ${data.status}.`
}

async function adjust(
  { user, asset, amount, reason, corrects }: Extract<OperatorAction, { kind: 'adjust' }>,
  { send, key }: Sending,
): Promise<string> {
  const { id, label } = await resolveUser(send, user)
  const { transaction_id } = await call(send, adjustBalance, {
    params: { user_id: id },
    body: {
      asset_id: asset,
      amount,
      reason,
      ...(corrects === undefined ? {} : { corrects_event: corrects }),
    },
    idempotencyKey: key,
  })
  return `The balance of ${label} is adjusted by ${amount} ${asset}: transaction ${transaction_id}.`
}

const PAGE_MAX = 1000

async function listEvents(asked: EventsAsked, send: Send): Promise<string> {
  const { day, event, user, address, limit, json } = asked
  const filters = {
    ...(day === undefined ? {} : { day }),
    ...(event === undefined ? {} : { kind: event }),
    ...(user === undefined ? {} : { user_id: (await resolveUser(send, user)).id }),
    ...(address === undefined ? {} : { address }),
  }
  const events: SecurityEvent[] = []
  let cursor: string | undefined
  do {
    const page = await call(send, listSecurityEvents, {
      query: {
        ...filters,
        limit: Math.min(PAGE_MAX, limit - events.length),
        ...(cursor === undefined ? {} : { cursor }),
      },
    })
    events.push(...page.data)
    cursor = page.next_cursor
  } while (cursor !== undefined && events.length < limit)
  return json ? events.map((one) => JSON.stringify(one)).join('\n') : securityEventTable(events)
}

async function resolveUser(
  send: Send,
  user: string,
): Promise<{ id: string; username: string; label: string }> {
  const { data } = await call(send, findUser, { params: { username: user } })
  const { user_id: id, username } = data
  return { id, username, label: `${username} (${id})` }
}
