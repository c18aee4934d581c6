/** The OpenAPI 3.1 document, printed from the routes themselves. */
import { Profile } from '@cnop/contract/auth.ts'
import {
  AssetBalance,
  CashBalance,
  CashTransaction,
  TransferAnswer,
} from '@cnop/contract/balance.ts'
import { Capabilities } from '@cnop/contract/capabilities.ts'
import { AssetDetail, AssetSummary, Candle } from '@cnop/contract/inventory.ts'
import { AssetTransaction, Order, OrderBody, OrderPreview } from '@cnop/contract/order.ts'
import { EquityPoint, Holding, LedgerProof, Portfolio } from '@cnop/contract/portfolio.ts'
import {
  PROBLEM_MEDIA_TYPE,
  PROBLEMS,
  ProblemBody,
  type ProblemCode,
} from '@cnop/contract/problem.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import { API_BASE, type Route } from '@cnop/contract/route.ts'
import { REFRESH_COOKIE, SecondFactorCode } from '@cnop/contract/session.ts'
import { BalancesFrame, OrdersFrame, PricesFrame } from '@cnop/contract/stream.ts'
import { problemsOf } from './route-problems.ts'

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json }
type JsonObject = { readonly [name: string]: Json }

/** What is worth a name of its own in a client that is generated from the document. */
const NAMED = {
  AssetBalance,
  AssetDetail,
  AssetSummary,
  AssetTransaction,
  BalancesFrame,
  Candle,
  Capabilities,
  CashBalance,
  CashTransaction,
  EquityPoint,
  Holding,
  LedgerProof,
  Order,
  OrderBody,
  OrderPreview,
  Portfolio,
  PricesFrame,
  Problem: ProblemBody,
  Profile,
  TransferAnswer,
} as const
const NAMES = new Map<object, string>(Object.entries(NAMED).map(([name, schema]) => [schema, name]))

export function openApiDocument(about: { readonly version: string }): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'CNOP',
      version: about.version,
      summary: 'A self-hosted trading platform',
      description:
        'Money, quantities and prices are decimal text in answers; requests take text, or numbers read from their digits. Times are RFC 3339 in UTC. Unknown query parameters are ignored; unknown body fields are refused.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: API_BASE }],
    tags: [...new Set(PUBLIC_ROUTES.map(tagOf))].map((name) => ({ name })),
    paths: pathsOf(PUBLIC_ROUTES),
    components: {
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Of a session: may do everything.',
        },
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'cnop_…',
          description:
            'For programs: may do what its scopes say, which each operation names as the role it asks for.',
        },
        refreshCookie: {
          type: 'apiKey',
          in: 'cookie',
          name: REFRESH_COOKIE,
          description: 'Set by signing in, and replaced each time it is used.',
        },
      },
      parameters: PARAMETERS,
      headers: HEADERS,
      responses: refusals(PUBLIC_ROUTES),
      schemas: Object.fromEntries(
        Object.entries(NAMED).map(([name, schema]) => [name, printedFields(schema)]),
      ),
    },
  }
}

const PARAMETERS: JsonObject = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'The same key and the same request have one effect and the same answer, however often they are sent.',
    schema: { type: 'string', minLength: 16, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  },
  SecondFactor: {
    name: 'X-Second-Factor',
    in: 'header',
    description:
      'A code of the authenticator app or a recovery code, where the account has a second factor.',
    schema: printed(SecondFactorCode),
  },
  LastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'The id of the last event that arrived: the stream goes on behind it.',
    schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
  },
}

const headerOf = (description: string, type: string): JsonObject => ({
  description,
  schema: { type },
})

const HEADERS: JsonObject = {
  'X-Request-ID': headerOf('The request’s own id, as given or else made here', 'string'),
  'X-RateLimit-Limit': headerOf('Requests a minute of the tightest limit', 'integer'),
  'X-RateLimit-Remaining': headerOf('Requests left of it now', 'integer'),
  'X-RateLimit-Reset': headerOf('When it is whole again, in Unix seconds', 'integer'),
  'Retry-After': headerOf('Seconds to wait before the next attempt', 'integer'),
  'Idempotent-Replayed': headerOf('`true` when the answer was given before', 'string'),
}

const headerRefs = (...names: readonly string[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

const EVERYWHERE = [
  'X-Request-ID',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
]

/** The first word of the path: what the route is about. */
export const tagOf = (route: Route): string => route.path.split('/')[1] ?? ''

function pathsOf(routes: readonly Route[]): JsonObject {
  const paths: Record<string, JsonObject> = {}
  for (const route of routes) {
    const path = route.path.replace(/:([a-z_]+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return paths
}

function operationOf(route: Route): JsonObject {
  const parameters = parametersOf(route)
  return {
    operationId: route.name,
    tags: [tagOf(route)],
    summary: route.summary,
    security: securityOf(route),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === undefined ? {} : { requestBody: requestBodyOf(route.body) }),
    responses: { [String(route.status)]: answerOf(route), ...refusalsOf(route) },
  }
}

function securityOf({ access, scope, cookie }: Route): Json {
  if (cookie) return [{ refreshCookie: [] }]
  if (access === 'public') return []
  const anyone = access === 'either' ? [{}] : []
  const keyed = scope === undefined || scope === 'session' ? [] : [{ apiKey: [scope] }]
  return [...anyone, { accessToken: [] }, ...keyed]
}

function parametersOf(route: Route): readonly Json[] {
  const named = (place: 'path' | 'query'): readonly Json[] => {
    const schema = place === 'path' ? route.params : route.query
    return Object.entries(schema.properties ?? {}).map(([name, field]) => ({
      name,
      in: place,
      required: schema.required?.includes(name) ?? false,
      schema: printed(field),
    }))
  }
  const headers = [
    ...(route.idempotent ? ['IdempotencyKey'] : []),
    ...(route.secondFactor ? ['SecondFactor'] : []),
    ...(route.media === 'text/event-stream' ? ['LastEventId'] : []),
  ].map((name) => ({ $ref: `#/components/parameters/${name}` }))
  return [...named('path'), ...named('query'), ...headers]
}

const requestBodyOf = (schema: object): JsonObject => ({
  required: !Object.hasOwn(schema, '~optional'),
  content: { 'application/json': { schema: printed(schema) } },
})

/** OpenAPI 3.1 has no words for events, so each kind is named with the schema of its data. */
const EVENTS = Object.entries({ prices: PricesFrame, orders: OrdersFrame, balances: BalancesFrame })
  .map(([event, schema]) => `\`${event}\` carries \`#/components/schemas/${NAMES.get(schema)}\``)
  .join(', ')

function answerOf(route: Route): JsonObject {
  const replayed = route.idempotent ? ['Idempotent-Replayed'] : []
  return {
    description: route.media === 'text/event-stream' ? `Events: ${EVENTS}` : route.summary,
    headers: headerRefs(...EVERYWHERE, ...replayed),
    content: { [route.media]: { schema: printed(route.answer) } },
  }
}

type Codes = readonly ProblemCode[]

const byStatus = (route: Route): ReadonlyMap<number, Codes> =>
  Map.groupBy(problemsOf(route), (code) => PROBLEMS[code].status)

function refusalsOf(route: Route): JsonObject {
  return Object.fromEntries(
    [...byStatus(route)].map(([status, codes]) => [
      String(status),
      { $ref: `#/components/responses/${nameOf(codes)}` },
    ]),
  )
}

/** Many routes refuse alike, so each set of codes stands in the document once. */
function refusals(routes: readonly Route[]): JsonObject {
  const sets = routes.flatMap((route) => [...byStatus(route).values()])
  return Object.fromEntries(sets.map((codes) => [nameOf(codes), refusalOf(codes)]))
}

const nameOf = (codes: Codes): string => codes.map(pascalCase).join('Or')

const pascalCase = (code: string): string =>
  code.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())

function refusalOf(codes: Codes): JsonObject {
  const retried = codes.some(
    (code) => PROBLEMS[code].status === 429 || PROBLEMS[code].status === 503,
  )
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('\n\n'),
    headers: headerRefs(...EVERYWHERE, ...(retried ? ['Retry-After'] : [])),
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', properties: { code: { type: 'string', enum: [...codes] } } },
          ],
        },
      },
    },
  }
}

/** A schema as the document shows it: by name where it has one. */
function printed(schema: unknown): Json {
  const name = typeof schema === 'object' && schema !== null ? NAMES.get(schema) : undefined
  return name === undefined ? printedFields(schema) : { $ref: `#/components/schemas/${name}` }
}

/** `x-decimal` says that digits may also come as a number, `x-rule` says the pattern to a person. */
function printedFields(schema: unknown): Json {
  if (Array.isArray(schema)) return schema.map(printed)
  if (typeof schema !== 'object' || schema === null) return schema as Json
  const { 'x-decimal': decimal, 'x-rule': rule, ...fields } = schema as Record<string, unknown>
  return {
    ...Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, printed(value)])),
    ...(decimal === true ? { type: ['string', 'number'] } : {}),
    ...(Array.isArray(fields['enum']) ? { type: 'string' } : {}),
    ...(fields['description'] === undefined && typeof rule === 'string'
      ? { description: rule }
      : {}),
  }
}
