/** A schema as rows a person reads: one for each field, nested ones by their whole name. */
export type FieldRow = {
  readonly name: string
  readonly required: boolean
  readonly kind: string
  readonly note: string
}

type LooseSchema = {
  readonly type?: string
  readonly properties?: Readonly<Record<string, LooseSchema>>
  readonly patternProperties?: Readonly<Record<string, LooseSchema>>
  readonly required?: readonly string[]
  readonly items?: LooseSchema
  readonly anyOf?: readonly LooseSchema[]
  readonly enum?: readonly string[]
  readonly const?: string
  readonly format?: string
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly 'x-decimal'?: boolean
  readonly 'x-rule'?: string
}

export const fieldRows = (schema: object): readonly FieldRow[] => rowsOf(schema as LooseSchema, '')

function rowsOf(schema: LooseSchema, prefix: string): readonly FieldRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const row = {
      name: prefix + name,
      required: schema.required?.includes(name) ?? false,
      kind: kindOf(field),
      note: field['x-rule'] ?? field.description ?? '',
    }
    const inner = field.items ?? field
    return [row, ...rowsOf(inner, `${prefix}${name}${field.items === undefined ? '.' : '[].'}`)]
  })
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'instant',
  date: 'date',
  email: 'e-mail address',
}

function kindOf(schema: LooseSchema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(kindOf).join(' or ')
  if (schema.enum !== undefined) return schema.enum.join(' · ')
  if (schema.const !== undefined) return schema.const
  if (schema.items !== undefined) return listOf(schema.items, schema.maxItems)
  if (schema['x-decimal'] === true) return 'decimal'
  if (schema.patternProperties !== undefined) return mapOf(Object.values(schema.patternProperties))
  return (schema.format && FORMATS[schema.format]) ?? plainKind(schema)
}

const listOf = (items: LooseSchema, itemsMax: number | undefined): string =>
  `list of ${kindOf(items)}${itemsMax === undefined ? '' : `, ${itemsMax} at most`}`

const mapOf = (values: readonly LooseSchema[]): string =>
  `map to ${values.map(kindOf).join(' or ')}`

function plainKind(schema: LooseSchema): string {
  const { type, minimum, maximum, minLength, maxLength } = schema
  if (type === 'integer') return `whole number${rangeOf(minimum, maximum, '')}`
  if (type === 'string') return `text${rangeOf(minLength, maxLength, ' characters')}`
  return type ?? 'anything'
}

function rangeOf(least: number | undefined, greatest: number | undefined, unit: string): string {
  if (least === undefined && greatest === undefined) return ''
  if (greatest === undefined) return `, ${least}${unit} or more`
  return least === undefined ? `, ${greatest}${unit} at most` : `, ${least} to ${greatest}${unit}`
}
