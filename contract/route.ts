/**
 * A route is a value. The service serves it, the gateway forwards it, the pages, bots and other
 * services call it, and the OpenAPI document is printed from it.
 */
import { type Static, type TObject, type TSchema, Type } from 'typebox'
import type { ProblemCode } from './problem.ts'

export const SERVICE_NAMES = ['gateway', 'auth', 'user', 'inventory', 'order', 'insights'] as const
export type ServiceName = (typeof SERVICE_NAMES)[number]

/**
 * `public`: anyone · `customer`: a signed-in customer · `either`: a customer is known if signed in
 * · `internal`: services among themselves · `operator`: the operator's command line.
 */
export type Access = 'public' | 'customer' | 'either' | 'internal' | 'operator'

/**
 * What an API key must hold for a route: `read` looks, `trade` moves orders and deposits. `session`
 * is for people alone: no key opens it.
 */
export type Scope = KeyScope | 'session'
export const KEY_SCOPES = ['read', 'trade'] as const
export type KeyScope = (typeof KEY_SCOPES)[number]

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const Nothing = Type.Object({}, { additionalProperties: true })
type Nothing = typeof Nothing

type Parts<P extends TObject, Q extends TObject, B extends TSchema, A extends TSchema> = {
  /** camelCase, unique: the operation id of the OpenAPI document. */
  readonly name: string
  readonly service: ServiceName
  readonly method: Method
  /** Without the public base path; parameters as `:name`. */
  readonly path: string
  readonly access: Access
  /** `undefined` exactly where no customer is asked for. */
  readonly scope: Scope | undefined
  /** Asks for the second factor again, in `X-Second-Factor`, where the account has one. */
  readonly secondFactor: boolean
  /** Reads the refresh cookie, so a page of another origin may not call it. */
  readonly cookie: boolean
  readonly summary: string
  readonly params: P
  readonly query: Q
  readonly body: B | undefined
  readonly answer: A
  readonly status: 200 | 201
  /** What this route refuses with, beside what the door and the shell can answer on any route. */
  readonly problems: readonly ProblemCode[]
  /** Honours `Idempotency-Key`: moves money or orders. */
  readonly idempotent: boolean
  /** `text/event-stream` means server-sent events that go on until one side ends them. */
  readonly media: 'application/json' | 'text/event-stream' | 'image/svg+xml'
}

export type Route<
  P extends TObject = TObject,
  Q extends TObject = TObject,
  B extends TSchema = TSchema,
  A extends TSchema = TSchema,
> = Parts<P, Q, B, A>

type Optional =
  | 'scope'
  | 'secondFactor'
  | 'cookie'
  | 'params'
  | 'query'
  | 'body'
  | 'status'
  | 'problems'
  | 'idempotent'
  | 'media'

export function defineRoute<
  P extends TObject = Nothing,
  Q extends TObject = Nothing,
  B extends TSchema = Nothing,
  A extends TSchema = TSchema,
>(
  spec: Omit<Parts<P, Q, B, A>, Optional> & Partial<Pick<Parts<P, Q, B, A>, Optional>>,
): Route<P, Q, B, A> {
  return {
    ...spec,
    scope: spec.scope,
    secondFactor: spec.secondFactor ?? false,
    cookie: spec.cookie ?? false,
    params: spec.params ?? (Nothing as unknown as P),
    query: spec.query ?? (Nothing as unknown as Q),
    body: spec.body,
    status: spec.status ?? 200,
    problems: spec.problems ?? [],
    idempotent: spec.idempotent ?? false,
    media: spec.media ?? 'application/json',
  }
}

/** What a handler receives and a caller passes. */
export type ParamsOf<R extends Route> = Static<R['params']>
export type QueryOf<R extends Route> = Static<R['query']>
export type BodyOf<R extends Route> = Static<NonNullable<R['body']>>
export type AnswerOf<R extends Route> = Static<R['answer']>

/** The public base path; the gateway adds it, services do not know it. */
export const API_BASE = '/api/v1'

/** A request body: unknown fields are refused. */
export const closed = <T extends Parameters<typeof Type.Object>[0]>(properties: T): TObject<T> =>
  Type.Object(properties, { additionalProperties: false })

/** `{data: …}` */
export const dataOf = <T extends TSchema>(schema: T) => Type.Object({ data: schema })

export const Instant = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' })

/**
 * A decimal in a request: text, or a JSON number read from its raw digits. `x-decimal` tells the
 * body parser to hand the digits over as text; `x-rule` is the sentence a person reads when the
 * value does not fit.
 */
export const DecimalInput = Type.String({
  pattern: '^(0|[1-9][0-9]{0,19})(\\.[0-9]{1,18})?$',
  maxLength: 40,
  'x-decimal': true,
  'x-rule': 'Give a plain decimal such as 12.5, without sign or exponent.',
  description: 'A plain decimal such as 12.5: no sign, no exponent',
})

/** A decimal in an answer. */
export const DecimalText = Type.String({
  pattern: '^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$',
  description: 'Decimal text',
})
