/**
 * Request bodies and queries to values that fit their schema. JSON numbers are read from their raw
 * digits, duplicate names are refused, and every field that does not fit is named.
 */
import { type FieldError, Problem } from '@cnop/contract/problem.ts'
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'

/** The digits of a JSON number, until the schema says what they are. */
class Digits {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

type SourceReviver = (name: string, value: unknown, context: { source?: string }) => unknown

const keepDigits: SourceReviver = (_, value, context) =>
  typeof value === 'number' ? new Digits(context.source ?? String(value)) : value

/** A text in JSON, with the colon that makes it a name. Backslash pairs are passed over. */
const NAMES = /"(?:[^"\\]|\\.)*"\s*(:?)/g

function countNames(text: string): number {
  let count = 0
  for (const [, colon] of text.matchAll(NAMES)) if (colon === ':') count += 1
  return count
}

/** How many names a value has, and how deep it goes; `Infinity` names when it goes too deep. */
function countNamesOf(value: unknown, depthLeft: number): number {
  if (typeof value !== 'object' || value === null || value instanceof Digits) return 0
  if (depthLeft === 0) return Number.POSITIVE_INFINITY
  const items = Object.values(value)
  const inner = items.reduce<number>((sum, item) => sum + countNamesOf(item, depthLeft - 1), 0)
  return Array.isArray(value) ? inner : inner + items.length
}

const DEPTH_MAX = 16

/** Throws `malformed-json` for what is no JSON, names a field twice, or nests without end. */
function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text, keepDigits as (name: string, value: unknown) => unknown)
  } catch (cause) {
    throw new Problem('malformed-json', { cause })
  }
  const names = countNamesOf(value, DEPTH_MAX)
  if (names === Number.POSITIVE_INFINITY) {
    throw new Problem('malformed-json', { detail: 'The body nests too deep.' })
  }
  if (names < countNames(text)) {
    throw new Problem('malformed-json', { detail: 'A field stands twice.' })
  }
  return value
}

type LooseSchema = {
  readonly type?: string
  readonly properties?: Readonly<Record<string, LooseSchema>>
  readonly items?: LooseSchema
  readonly 'x-decimal'?: boolean
  readonly 'x-rule'?: string
}

/** Where the schema wants a decimal the digits stay text; elsewhere they become a number. */
function settleDigits(value: unknown, schema: LooseSchema | undefined): unknown {
  if (value instanceof Digits) return schema?.['x-decimal'] ? value.source : Number(value.source)
  if (Array.isArray(value)) return value.map((item) => settleDigits(item, schema?.items))
  if (typeof value !== 'object' || value === null) return value
  const settled: Record<string, unknown> = Object.create(null)
  for (const [name, item] of Object.entries(value)) {
    settled[name] = settleDigits(item, own(schema?.properties, name))
  }
  return settled
}

const own = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined

/** Compiles a schema once; the function it gives throws `invalid-input` with every field at fault. */
export function bodyReader(schema: TSchema): (text: string | undefined) => unknown {
  const validator = Compile(schema)
  return (text) => {
    const given = text === undefined || text === '' ? undefined : parseJson(text)
    const value = settleDigits(given, schema as LooseSchema)
    if (value === undefined && isOptional(schema)) return value
    return checked(validator, schema, value)
  }
}

/** The same for a query or path parameters, whose values arrive as text. */
export function textReader(schema: TSchema): (values: unknown) => unknown {
  const validator = Compile(schema)
  return (values) =>
    checked(validator, schema, settleTexts(values as object, schema as LooseSchema))
}

const WHOLE_NUMBER = /^-?[0-9]{1,15}$/

/** Text that is a whole number or a truth value becomes one where the schema wants one. */
function settleTexts(values: object, schema: LooseSchema): unknown {
  const settled: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(values)) {
    settled[name] = settledText(value, own(schema.properties, name)?.type)
  }
  return settled
}

function settledText(value: unknown, type: string | undefined): unknown {
  if (typeof value !== 'string') return value
  if (type === 'integer' && WHOLE_NUMBER.test(value)) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

const isOptional = (schema: TSchema): boolean => Object.hasOwn(schema, '~optional')

function checked(validator: Validator, schema: TSchema, value: unknown): unknown {
  if (validator.Check(value)) return value
  throw new Problem('invalid-input', {
    errors: fieldErrors(validator, schema as LooseSchema, value),
  })
}

type SchemaError = ReturnType<Validator['Errors']>[number]

function fieldErrors(validator: Validator, schema: LooseSchema, value: unknown): FieldError[] {
  const errors = validator.Errors(value).flatMap((error) => fieldErrorsOf(error, schema))
  const first = new Map<string, FieldError>()
  for (const error of errors) if (!first.has(error.field)) first.set(error.field, error)
  return [...first.values()]
}

function fieldErrorsOf(error: SchemaError, schema: LooseSchema): FieldError[] {
  const path = error.instancePath.split('/').slice(1)
  if (error.keyword === 'required') {
    return error.params.requiredProperties.map((name) => ({
      field: [...path, name].join('.'),
      message: 'This field is required.',
    }))
  }
  if (error.keyword === 'additionalProperties') {
    return error.params.additionalProperties.map((name) => ({
      field: [...path, name].join('.'),
      message: 'There is no such field.',
    }))
  }
  if (error.keyword === 'boolean') return []
  return [{ field: path.join('.') || 'body', message: ruleAt(schema, path) ?? plainMessage(error) }]
}

function ruleAt(schema: LooseSchema, path: readonly string[]): string | undefined {
  let at: LooseSchema | undefined = schema
  for (const name of path) at = own(at?.properties, name) ?? at?.items
  return at?.['x-rule']
}

function plainMessage(error: SchemaError): string {
  if (error.keyword === 'enum') return `Use one of ${error.params.allowedValues.join(', ')}.`
  if (error.keyword === 'pattern') return 'This has characters or a form that do not fit.'
  const sentence = `This ${error.message}`
  return sentence.endsWith('.') ? sentence : `${sentence}.`
}
