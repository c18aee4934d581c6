/** The rules of the contract's fields, for the one who types. The server stays the judge. */
export type FieldRule = {
  /** The rule as a sentence; said before it is broken. */
  readonly says: string
  keeps(text: string): boolean
}

type Words = {
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly format?: string
  readonly 'x-rule'?: string
}

/** What browsers take for an address, with a dot in the domain as the server wants it. */
const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/

export function fieldRule(schema: object): FieldRule {
  const {
    pattern,
    minLength = 0,
    maxLength = Number.POSITIVE_INFINITY,
    format,
    ...more
  } = schema as Words
  const form = pattern === undefined ? undefined : new RegExp(pattern, 'u')
  return {
    says: more['x-rule'] ?? '',
    keeps(text) {
      const length = [...text].length
      if (length < minLength || length > maxLength) return false
      if (format === 'email' && !EMAIL.test(text)) return false
      return form?.test(text) ?? true
    },
  }
}

/** Those of every field of a body. */
export function bodyRules<Name extends string>({
  properties,
}: {
  readonly properties: Readonly<Record<Name, object>>
}): Readonly<Record<Name, FieldRule>> {
  return Object.fromEntries(
    Object.entries<object>(properties).map(([name, schema]) => [name, fieldRule(schema)]),
  ) as Record<Name, FieldRule>
}
