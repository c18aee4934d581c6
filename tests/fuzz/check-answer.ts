/** Whether an answer is one that the document promises for its operation. */
import { Compile, type Validator } from 'typebox/compile'
import type { Operation, Schema } from './openapi.ts'

export type Answered = {
  readonly status: number
  readonly headers: Headers
  /** Absent for a stream, of which only the beginning was waited for. */
  readonly body: string | undefined
  readonly tookMs: number
}

/** Also with a core busy hashing passwords. */
const ANSWER_MS_MAX = 10_000

const ON_EVERY_ANSWER: Readonly<Record<string, RegExp>> = {
  'x-request-id': /^[A-Za-z0-9._-]{1,128}$/,
  'x-ratelimit-limit': /^[0-9]+$/,
  'x-ratelimit-remaining': /^[0-9]+$/,
  'x-ratelimit-reset': /^[0-9]{10}$/,
  'content-security-policy': /default-src 'none'.*frame-ancestors 'none'/,
  'strict-transport-security': /^max-age=[0-9]{8}/,
  'x-content-type-options': /^nosniff$/,
  'referrer-policy': /^no-referrer$/,
}

const OF_A_LIBRARY = /(\\n|\n)\s*at |node_modules|node:internal|typebox|fastify|undici|sqlite/i

/** Every fault of the answer, as sentences; none for a good one. */
export function faultsOf(operation: Operation, answer: Answered): readonly string[] {
  return [...headerFaults(answer), ...timeFaults(answer), ...bodyFaults(operation, answer)]
}

function headerFaults({ status, headers }: Answered): readonly string[] {
  const wanted: Record<string, RegExp> = { ...ON_EVERY_ANSWER }
  if (status === 429 || status === 503) wanted['retry-after'] = /^[1-9][0-9]*$/
  if (status === 401) wanted['www-authenticate'] = /^Bearer/
  return Object.entries(wanted)
    .filter(([name, form]) => !form.test(headers.get(name) ?? ''))
    .map(([name]) => `The header ${name} is ${headers.get(name)}.`)
}

const timeFaults = ({ tookMs }: Answered): readonly string[] =>
  tookMs < ANSWER_MS_MAX ? [] : [`It took ${Math.round(tookMs)} ms.`]

function bodyFaults(operation: Operation, { status, headers, body }: Answered): readonly string[] {
  const documented = operation.answers[String(status)]
  if (documented === undefined) return [`The status ${status} is not documented.`]
  if (status === 500) return ['It failed.']
  const media = headers.get('content-type')?.split(';')[0] ?? ''
  const schema = documented.content?.[media]?.schema
  if (schema === undefined) return [`The type ${media} is not documented for ${status}.`]
  if (body === undefined || !/\bjson$/.test(media)) return []
  const value = parsed(body)
  if (value === undefined) return ['The body is no JSON.']
  const leaked = status >= 400 && OF_A_LIBRARY.test(body) ? ['It tells of what it is made of.'] : []
  return [...leaked, ...misfits(schema, value)]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const validators = new WeakMap<Schema, Validator>()

function misfits(schema: Schema, value: unknown): readonly string[] {
  const validator = validators.get(schema) ?? Compile(schema)
  validators.set(schema, validator)
  if (validator.Check(value)) return []
  return validator
    .Errors(value)
    .slice(0, 5)
    .map(({ instancePath, message }) => `${instancePath || 'The body'} ${message}.`)
}
