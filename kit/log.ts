/** Structured logs. Secrets are struck out by name wherever they might be logged. */
import pino, { type Logger } from 'pino'

export type Log = Logger

const SECRET_FIELDS = [
  'password',
  'token',
  'access_token',
  'refresh_token',
  'authorization',
  'cookie',
  'secret',
  'recovery_code',
]

const REDACTED_PATHS = SECRET_FIELDS.flatMap((field) => [
  field,
  `*.${field}`,
  `*.*.${field}`,
  `headers["x-cnop-caller"]`,
])

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
      redact: { paths: [...new Set(REDACTED_PATHS)], censor: '[redacted]' },
    },
    options.destination ?? pino.destination({ dest: 2, sync: false }),
  )
}
