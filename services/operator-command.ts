/** What an operator can ask for, read from the words of a command line. */
import { parseArgs } from 'node:util'
import { SECURITY_EVENTS, type SecurityEventKind } from '@cnop/contract/security-log.ts'
import { CommandError } from './run-command.ts'

export type OperatorAction =
  | {
      readonly kind: 'set-status'
      readonly user: string
      readonly status: 'active' | 'frozen'
      readonly reason: string
    }
  | {
      readonly kind: 'set-trading'
      readonly asset: string
      readonly halted: boolean
      readonly reason: string
    }
  | {
      readonly kind: 'adjust'
      readonly user: string
      readonly asset: string
      /** Decimal text, negative to take away. */
      readonly amount: string
      readonly reason: string
      /** The number of the journal event that this puts right. */
      readonly corrects: number | undefined
    }
  | { readonly kind: 'rotate-keys'; readonly reason: string }
  | { readonly kind: 'reset-second-factor'; readonly user: string; readonly reason: string }
  | { readonly kind: 'sign-out'; readonly user: string; readonly reason: string }
  | ({ readonly kind: 'list-events' } & EventsAsked)

export type EventsAsked = {
  /** UTC, 2026-01-31; `undefined` for today. */
  readonly day: string | undefined
  readonly event: SecurityEventKind | undefined
  readonly user: string | undefined
  readonly address: string | undefined
  readonly limit: number
  readonly json: boolean
}

export type OperatorRequest = {
  /** `undefined` when help is asked for. */
  readonly action: OperatorAction | undefined
  /** Who acts; `undefined` for whoever is signed in to this system. */
  readonly as: string | undefined
  /** The idempotency key of an earlier attempt. */
  readonly key: string | undefined
}

export const OPERATOR_HELP = `npm run operator -- <command>

  freeze  <user>  --reason <why>      the account neither trades nor moves cash; its owner, and whoever
                                      else can, may still sign in and look: see sign-out
  release <user>  --reason <why>      the account is active again
  halt    <asset> --reason <why>      trading in the asset stops
  unhalt  <asset> --reason <why>      trading in the asset goes on
  adjust  <user> <USD or asset> <amount> --reason <why> [--corrects <event>]
                                      a signed amount is added to a balance by a new journal event
  rotate-keys     --reason <why>      tokens are signed with a new key; those of the old keys end
  reset-second-factor <user> --reason <why>
                                      the second factor is taken from who has lost it
  sign-out <user> --reason <why>      every session of the user ends; API keys go on, and who has the
                                      password signs in again
  security-log [--day 2026-01-31] [--kind <kind>] [--user <user>] [--address <address>]
               [--limit <count>] [--json]
                                      what happened on a UTC day, the newest first; --json: one
                                      object a line
  help                                this text

  <user> is a user name, an e-mail address or a user id.
  --as <name>   who acts, for the journal; otherwise the user of this system
  --key <key>   repeats an earlier attempt whose outcome is not known: it has at most one effect

The platform runs while this is used, and DATA_DIR, INTERNAL_PORT and CALLER_SECRET are set as it
has them.`

const OPTIONS = {
  reason: { type: 'string' },
  corrects: { type: 'string' },
  day: { type: 'string' },
  kind: { type: 'string' },
  user: { type: 'string' },
  address: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
  as: { type: 'string' },
  key: { type: 'string' },
} as const

type Options = {
  readonly [K in keyof typeof OPTIONS]?:
    | ((typeof OPTIONS)[K]['type'] extends 'boolean' ? boolean : string)
    | undefined
}

/** Options that only one command takes. */
const BELONGS_TO = {
  corrects: 'adjust',
  day: 'security-log',
  kind: 'security-log',
  user: 'security-log',
  address: 'security-log',
  limit: 'security-log',
  json: 'security-log',
} as const satisfies Partial<Record<keyof typeof OPTIONS, string>>

/** Throws a `CommandError` for what is no command. */
export function readOperatorRequest(args: readonly string[]): OperatorRequest {
  const { positionals, values } = parsed(args)
  const [name = 'help', ...words] = positionals
  return { action: readAction(name, words, values), as: values.as, key: values.key }
}

function parsed(args: readonly string[]): { positionals: string[]; values: Options } {
  try {
    return parseArgs({ args: amountsLast(args), options: OPTIONS, allowPositionals: true })
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    const [fault] = cause.message.split(/\.\s/)
    throw misused(`${fault}.`, { cause })
  }
}

/** A negative amount would be taken for an option, unless it stands behind `--`. It is last anyway. */
function amountsLast(args: readonly string[]): string[] {
  const isNegative = (arg: string): boolean => /^-[0-9.]+$/.test(arg)
  if (args.includes('--') || !args.some(isNegative)) return [...args]
  return [...args.filter((arg) => !isNegative(arg)), '--', ...args.filter(isNegative)]
}

function readAction(
  name: string,
  words: readonly string[],
  options: Options,
): OperatorAction | undefined {
  const reason = (): string => options.reason ?? missing('--reason <why>')
  for (const [option, command] of Object.entries(BELONGS_TO)) {
    if (name !== command && options[option as keyof typeof BELONGS_TO] !== undefined) {
      throw misused(`--${option} belongs to ${command}.`)
    }
  }
  switch (name) {
    case 'help':
      return undefined
    case 'freeze':
    case 'release': {
      const [user] = named(words, ['<user>'])
      return {
        kind: 'set-status',
        user,
        status: name === 'freeze' ? 'frozen' : 'active',
        reason: reason(),
      }
    }
    case 'halt':
    case 'unhalt': {
      const [asset] = named(words, ['<asset>'])
      return { kind: 'set-trading', asset, halted: name === 'halt', reason: reason() }
    }
    case 'adjust': {
      const [user, asset, amount] = named(words, ['<user>', '<USD or asset>', '<amount>'])
      return {
        kind: 'adjust',
        user,
        asset,
        amount: amount.replace(/^\+/, ''),
        reason: reason(),
        corrects: options.corrects === undefined ? undefined : eventNumber(options.corrects),
      }
    }
    case 'rotate-keys':
      named(words, [])
      return { kind: 'rotate-keys', reason: reason() }
    case 'reset-second-factor': {
      const [user] = named(words, ['<user>'])
      return { kind: 'reset-second-factor', user, reason: reason() }
    }
    case 'sign-out': {
      const [user] = named(words, ['<user>'])
      return { kind: 'sign-out', user, reason: reason() }
    }
    case 'security-log':
      named(words, [])
      return { kind: 'list-events', ...eventsAsked(options) }
    default:
      throw misused(`There is no command ${name}.`)
  }
}

type Texts<Names extends readonly string[]> = { readonly [K in keyof Names]: string }

/** Exactly as many words as there are names for them. */
function named<const Names extends readonly string[]>(
  words: readonly string[],
  names: Names,
): Texts<Names> {
  const [lacking] = names.slice(words.length)
  if (lacking !== undefined) return missing(lacking)
  const [surplus] = words.slice(names.length)
  if (surplus !== undefined) throw misused(`What is ${surplus}?`)
  return words as unknown as Texts<Names>
}

const LIMIT_DEFAULT = '100'

function eventsAsked({
  day,
  kind,
  user,
  address,
  limit = LIMIT_DEFAULT,
  json,
}: Options): EventsAsked {
  if (!/^[1-9][0-9]{0,6}$/.test(limit)) throw misused('--limit takes a number such as 100.')
  return { day, event: eventKind(kind), user, address, limit: Number(limit), json: json === true }
}

function eventKind(text: string | undefined): SecurityEventKind | undefined {
  if (text === undefined) return undefined
  const kind = SECURITY_EVENTS.find((known) => known === text)
  if (kind === undefined) throw misused(`--kind takes one of ${SECURITY_EVENTS.join(', ')}.`)
  return kind
}

function eventNumber(text: string): number {
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text)
  throw misused('--corrects takes the number of a journal event, such as 12.')
}

const missing = (what: string): never => {
  throw misused(`${what} is missing.`)
}

const misused = (sentence: string, options?: { cause: unknown }): CommandError =>
  new CommandError(`${sentence} See: npm run operator -- help`, options)
