/**
 * Structured logs. Secrets are struck out of every line as it is written, by the name of a field
 * and by the form of a text, so that no depth, no cause of an error and no child of a log is missed.
 */
import pino, { type Logger } from 'pino'

export type Log = Logger

const CENSOR = '[redacted]'

/** What the name of a field ends with when it holds a secret, however the name is spelled. */
const NAMES = [
  'passwords?',
  'secrets?',
  'tokens?',
  'authorization',
  'cookies?',
  'recovery[_-]?codes?',
  'second[_-]?factor',
  'api[_-]?keys?',
  'smtp[_-]?url',
  'redis[_-]?url',
  'cnop[_-]?caller',
  'jwk',
].join('|')

const FORMS = [
  // Whatever ends in a mac or a signature: access and refresh tokens, links, signed callers.
  String.raw`(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.[\w-]{43,}`,
  // API keys.
  String.raw`(?<!\w)cnop_[\w-]{44,}`,
  // Hashes of passwords.
  String.raw`\$argon2[^\s"]+`,
  // What an authenticator app scans.
  String.raw`otpauth:[^\s"]+`,
  // User and password of a URL.
  String.raw`(?<=:\/\/)[^\s\/@"]{1,500}(?=@)`,
].join('|')

const SECRET_NAME = new RegExp(`(?:${NAMES})$`, 'i')
const SECRET_FORM = new RegExp(FORMS, 'g')
/** Of a whole line: most have nothing to strike out, and are not taken apart. */
const SUSPECT = new RegExp(`(?:${NAMES})":|${FORMS}`, 'i')

function struckOut(name: string, value: unknown): unknown {
  if (SECRET_NAME.test(name)) return CENSOR
  return typeof value === 'string' ? value.replace(SECRET_FORM, CENSOR) : value
}

const withoutSecrets = (line: string): string =>
  SUSPECT.test(line) ? `${JSON.stringify(JSON.parse(line, struckOut))}\n` : line

export function createLog(options: {
  level: string
  /** Absent for a log whose children name theirs. */
  service?: string
  destination?: NodeJS.WritableStream
}): Log {
  return pino(
    {
      level: options.level,
      base: options.service === undefined ? {} : { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: withoutSecrets },
    },
    options.destination ?? pino.destination({ dest: 2, sync: false }),
  )
}
