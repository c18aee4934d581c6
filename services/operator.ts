/**
 * `npm run operator -- <command>`: what an operator does by hand to a platform that runs. It speaks
 * to the internal listener alone, as a caller whom the platform's own secret signs.
 */
import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '@cnop/contract/problem.ts'
import { SERVICE_NAMES } from '@cnop/contract/route.ts'
import { readConfig } from '@cnop/kit/config.ts'
import { httpTransport } from '@cnop/kit/http-transport.ts'
import { sendAs } from '@cnop/kit/transport.ts'
import { existingCallerSecretOf } from './data-dir.ts'
import { carryOut } from './operator-actions.ts'
import { OPERATOR_HELP, readOperatorRequest } from './operator-command.ts'
import { CommandError, runCommand } from './run-command.ts'

const ATTEMPTS_MAX = 3

/** What the command comes to, for the terminal. */
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

/** Somewhere down the causes it says so. */
const neverConnected = ({ cause }: Error): boolean =>
  cause instanceof Error &&
  (('code' in cause && NEVER_CONNECTED.includes(String(cause.code))) || neverConnected(cause))

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
