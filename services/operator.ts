/**
 * `npm run operator -- <command>`: what an operator does by hand to a platform that runs. It speaks
 * to the internal listener alone, as a caller whom the platform's own secret signs.
 */
import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { findUser } from '@cnop/contract/auth.ts'
import { adjustBalance, setAccountStatus } from '@cnop/contract/balance.ts'
import { call, type Send } from '@cnop/contract/call.ts'
import { haltAsset, releaseAsset } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { SERVICE_NAMES } from '@cnop/contract/route.ts'
import { readConfig } from '@cnop/kit/config.ts'
import { httpTransport, sendAs } from '@cnop/kit/transport.ts'
import { existingCallerSecretOf } from './data-dir.ts'
import { OPERATOR_HELP, type OperatorAction, readOperatorRequest } from './operator-command.ts'
import { CommandError, runCommand } from './run-command.ts'

const ATTEMPTS_MAX = 3

/** The command as one line of outcome. */
async function operate(args: readonly string[]): Promise<string> {
  const { action, as, key = randomUUID() } = readOperatorRequest(args)
  if (action === undefined) return OPERATOR_HELP
  const config = readConfig()
  const url = `http://127.0.0.1:${config.internalPort}`
  const door = httpTransport(url)
  const signing = {
    secret: existingCallerSecretOf(config.dataDir, config.callerSecret),
    now: () => Date.now(),
  }
  const transports = new Map(SERVICE_NAMES.map((service) => [service, door]))
  const send = sendAs({ kind: 'operator', name: as ?? systemUser() }, transports, signing)
  try {
    return await settled(() => carryOut(action, { send, key }), { url, key })
  } finally {
    await door.close()
  }
}

async function carryOut(
  action: OperatorAction,
  { send, key }: { send: Send; key: string },
): Promise<string> {
  const { reason } = action
  switch (action.kind) {
    case 'set-status': {
      const user = await resolveUser(send, action.user)
      const { data } = await call(send, setAccountStatus, {
        params: { user_id: user.id },
        body: { status: action.status, reason },
        idempotencyKey: key,
      })
      return `The account of ${user.label} is ${data.status}.`
    }
    case 'set-trading': {
      const route = action.halted ? haltAsset : releaseAsset
      const { data } = await call(send, route, {
        params: { asset_id: action.asset },
        body: { reason },
      })
      return `Trading in ${data.asset_id} is ${data.halted ? 'halted' : 'allowed'}.`
    }
    case 'adjust': {
      const user = await resolveUser(send, action.user)
      const { asset, amount, corrects } = action
      const { transaction_id } = await call(send, adjustBalance, {
        params: { user_id: user.id },
        body: {
          asset_id: asset,
          amount,
          reason,
          ...(corrects === undefined ? {} : { corrects_event: corrects }),
        },
        idempotencyKey: key,
      })
      return `The balance of ${user.label} is adjusted by ${amount} ${asset}: transaction ${transaction_id}.`
    }
  }
}

/** What has the form of a user id is one. */
async function resolveUser(send: Send, user: string): Promise<{ id: string; label: string }> {
  if (/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(user)) return { id: user, label: user }
  const { data } = await call(send, findUser, { params: { username: user } })
  return { id: data.user_id, label: `${data.username} (${data.user_id})` }
}

/** Repeats what cannot be answered now; under one key it has at most one effect. */
async function settled<T>(
  attempt: () => Promise<T>,
  { url, key }: { url: string; key: string },
): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt()
    } catch (error) {
      const problem = repeatable(error, url)
      if (attempts === ATTEMPTS_MAX) {
        throw new CommandError(
          `${problem.message} It may have taken effect: repeat the command with --key ${key}, which has at most one effect.`,
          { cause: error },
        )
      }
      await pause((problem.retryAfterSeconds ?? 1) * 1000)
    }
  }
}

/** Throws what another attempt would not change. */
function repeatable(error: unknown, url: string): Problem {
  if (!(error instanceof Problem) || error.status !== 503) throw error
  if (!neverConnected(error)) return error
  throw new CommandError(
    `Nothing listens at ${url}. Start the platform first, or set INTERNAL_PORT as it has it.`,
    { cause: error },
  )
}

const NEVER_CONNECTED = ['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT']

const neverConnected = ({ cause }: Problem): boolean =>
  cause instanceof Error && 'code' in cause && NEVER_CONNECTED.includes(String(cause.code))

function systemUser(): string {
  try {
    return userInfo().username
  } catch (cause) {
    throw new CommandError('This system has no name for you: say who acts with --as <name>.', {
      cause,
    })
  }
}

await runCommand(() => operate(process.argv.slice(2)))
