/** Values that fit a JSON schema, and values that are spoiled so that most do not. */
import fc, { type Arbitrary } from 'fast-check'
import type { Schema } from './openapi.ts'

/** Stands for something that the platform has answered, or that only its actor knows. */
export class Recalled {
  readonly name: string
  readonly pick: number

  constructor(name: string, pick: number) {
    this.name = name
    this.pick = pick
  }

  toString(): string {
    return `(a ${this.name} from before)`
  }
}

/** For some fields, what fits better than what the schema alone says. */
export type Hints = (name: string) => Arbitrary<unknown> | undefined

export function fitting(schema: Schema, hints: Hints, name = ''): Arbitrary<unknown> {
  const made = plainly(schema, hints)
  const hint = hints(name)
  return hint === undefined
    ? made
    : fc.oneof({ weight: 4, arbitrary: hint }, { weight: 1, arbitrary: made })
}

function plainly(schema: Schema, hints: Hints): Arbitrary<unknown> {
  if (schema.anyOf !== undefined) {
    return fc.oneof(...schema.anyOf.map((option) => fitting(option, hints)))
  }
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.const !== undefined) return fc.constant(schema.const)
  switch (typeOf(schema)) {
    case 'object':
      return objectOf(schema, hints)
    case 'array':
      return arrayOf(schema, hints)
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31 - 1 })
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true })
    case 'boolean':
      return fc.boolean()
    case 'string':
      return textOf(schema)
    default:
      return fc.jsonValue()
  }
}

/** A decimal may be text or a number; as text it says what the pattern says. */
const typeOf = ({ type }: Schema): string | undefined =>
  typeof type === 'string' ? type : type?.[0]

function objectOf(schema: Schema, hints: Hints): Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, field]) => [name, fitting(field, hints, name)] as const,
  )
  const requiredKeys = [...(schema.required ?? [])]
  return fc.record(Object.fromEntries(fields), { requiredKeys, noNullPrototype: true })
}

function arrayOf(schema: Schema, hints: Hints): Arbitrary<unknown> {
  const item = fitting(schema.items ?? {}, hints)
  const bounds = { minLength: schema.minItems ?? 0, maxLength: Math.min(schema.maxItems ?? 8, 20) }
  return schema.uniqueItems ? fc.uniqueArray(item, bounds) : fc.array(item, bounds)
}

function textOf({ pattern, format, minLength = 0, maxLength = 100 }: Schema): Arbitrary<string> {
  const bounded = (text: string): boolean => {
    const { length } = [...text]
    return length >= minLength && length <= maxLength
  }
  if (pattern !== undefined) {
    // As many as the schema wants, where the pattern leaves it open.
    const exact = pattern.replace(/[+*]\$$/, `{${minLength},${maxLength}}$`)
    return fc.stringMatching(new RegExp(exact, 'u')).filter(bounded)
  }
  if (format !== undefined) return FORMATS[format]?.filter(bounded) ?? fc.string()
  return fc.string({ minLength, maxLength, unit: 'grapheme' }).filter(bounded)
}

const YEARS = { min: new Date('1900-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z') }
const dates = fc.date({ ...YEARS, noInvalidDate: true })

const FORMATS: Readonly<Record<string, Arbitrary<string>>> = {
  email: fc.emailAddress(),
  date: dates.map((date) => date.toISOString().slice(0, 10)),
  'date-time': dates.map((date) => date.toISOString()),
}

/** What fits almost nothing, and what is at the edge of what fits. */
const ODD: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e21,
    -0.1,
    Number.MAX_SAFE_INTEGER,
    '',
    ' ',
    '0',
    '-1',
    '1e3',
    '0.0000000000000000001',
    '99999999999999999999.99',
    'NaN',
    '\u0000',
    '\ud800',
    '\u202e',
    'ﬀ',
    '٣',
    '../..',
    '<script>',
    "' or 1=1 --",
    '{{7*7}}',
    '%s%n',
    'x'.repeat(300),
    '9'.repeat(5_000),
    [],
    {},
    [[]],
    { toString: 'x' },
    ['x', 'x'],
  ),
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
)

/** One change to a value that fits, at any depth; or another value altogether. */
export function spoiled(schema: Schema, hints: Hints): Arbitrary<unknown> {
  const change = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('replace', 'remove', 'add' as const),
    name: fc.oneof(fc.constantFrom('__proto__', 'constructor', 'role', 'user_id', ''), fc.string()),
    value: ODD,
  })
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(fitting(schema, hints), change)
        .map(([value, how]) => changed(value, how)),
    },
    { weight: 1, arbitrary: ODD },
  )
}

type Change = {
  readonly at: number
  readonly how: string
  readonly name: string
  readonly value: unknown
}

function changed(value: unknown, change: Change): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Recalled) return change.value
  const names = Object.keys(value)
  const name = names[change.at % (names.length || 1)]
  if (change.how === 'add' || name === undefined) return withField(value, change.name, change.value)
  const inner: unknown = Reflect.get(value, name)
  if (change.how === 'remove') {
    return Object.fromEntries(Object.entries(value).filter(([other]) => other !== name))
  }
  const deeper = { ...change, at: Math.floor(change.at / names.length) }
  return withField(value, name, changed(inner, deeper))
}

function withField(value: object, name: string, field: unknown): unknown {
  if (Array.isArray(value)) return [...value, field]
  const copy: Record<string, unknown> = { ...value }
  Object.defineProperty(copy, name, { value: field, enumerable: true, configurable: true })
  return copy
}

/** Texts that stand in for a body. */
export const BROKEN_BODIES: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    'null',
    '"',
    '{',
    '{"a":1,"a":2}',
    '[',
    '{"amount":01}',
    '\ufeff{}',
    '[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]',
  ),
  fc.constant(`{"x":"${'y'.repeat(70_000)}"}`),
  fc.json(),
  fc.string({ unit: 'binary' }),
)
