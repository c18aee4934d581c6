/** An OpenAPI document as the fuzz reads it: operations, with every reference replaced by what it names. */
export type Schema = {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
}

export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly required?: boolean
  readonly schema: Schema
}

export type Answer = {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
  readonly headers?: Readonly<Record<string, unknown>>
}

export type Operation = {
  readonly id: string
  readonly method: string
  /** Under the server's base, with `{names}`. */
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body: { readonly required: boolean; readonly schema: Schema } | undefined
  readonly answers: Readonly<Record<string, Answer>>
}

type LooseOperation = {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly required?: boolean
    readonly content: { readonly 'application/json': { readonly schema: Schema } }
  }
  readonly responses: Readonly<Record<string, Answer>>
}

type Document_ = {
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, LooseOperation>>>>
}

export function operationsOf(document: unknown): readonly Operation[] {
  const { servers, paths } = inlined(document, document) as Document_
  const base = servers[0]?.url ?? ''
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path: base + path,
      parameters: operation.parameters ?? [],
      body: bodyOf(operation),
      answers: operation.responses,
    })),
  )
}

function bodyOf({ requestBody }: LooseOperation): Operation['body'] {
  if (requestBody === undefined) return undefined
  const { required = false, content } = requestBody
  return { required, schema: content['application/json'].schema }
}

/** No schema of the document contains itself. */
function inlined(value: unknown, document: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => inlined(item, document))
  if (typeof value !== 'object' || value === null) return value
  if ('$ref' in value && typeof value.$ref === 'string')
    return inlined(named(value.$ref, document), document)
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, inlined(item, document)]),
  )
}

function named(reference: string, document: unknown): unknown {
  let at: unknown = document
  for (const name of reference.split('/').slice(1)) {
    at = (at as Readonly<Record<string, unknown>> | undefined)?.[name]
  }
  if (at === undefined) throw new Error(`The document does not contain ${reference}.`)
  return at
}
