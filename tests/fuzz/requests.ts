/** Requests for every operation of the document: fitting ones, spoiled ones, by everybody. */
import fc, { type Arbitrary } from 'fast-check'
import { ROLES, type Role } from './actors.ts'
import type { Operation, Parameter } from './openapi.ts'
import { BROKEN_BODIES, fitting, type Hints, Recalled, spoiled } from './schema-values.ts'

export type Asking = {
  readonly operation: Operation
  readonly role: Role
  /** Values by name, which may stand for what is only known later. */
  readonly path: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: { readonly json: unknown } | { readonly text: string } | undefined
}

const recalled = (name: string): Arbitrary<unknown> =>
  fc.nat({ max: 20 }).map((pick) => new Recalled(name, pick))

const ASSETS = fc.constantFrom('BTC', 'ETH', 'ADA', 'USD', 'NOSUCH')
const AMOUNTS = fc.constantFrom('1', '10.00', '0.01', '250.5', '0.001', '99999')
/** Few enough that some are used twice, for the same request or for another. */
const KEYS = fc.oneof(
  fc.uuid(),
  fc.nat({ max: 5 }).map((n) => `a key that comes again ${n}`.replaceAll(' ', '-')),
)

const HINTS: Readonly<Record<string, Arbitrary<unknown>>> = {
  asset_id: ASSETS,
  asset_ids: fc.uniqueArray(fc.constantFrom('BTC', 'ETH', 'ADA'), { maxLength: 3 }),
  order_id: recalled('order_id'),
  session_id: recalled('session_id'),
  key_id: recalled('key_id'),
  cursor: recalled('cursor'),
  client_order_id: recalled('client_order_id'),
  amount: AMOUNTS,
  notional: AMOUNTS,
  quantity: fc.constantFrom('0.001', '0.01', '1'),
  order_type: fc.constantFrom('market_buy', 'market_sell'),
  password: recalled('password'),
  current_password: recalled('password'),
  new_password: fc.nat({ max: 9 }).map((n) => `a sentence that is long enough ${n}`),
  code: recalled('code'),
  second_factor: recalled('code'),
  'X-Second-Factor': recalled('code'),
  time_zone: fc.constantFrom('UTC', 'Europe/Berlin'),
  date_of_birth: fc.constantFrom('1990-12-31', '2000-02-29'),
  'Idempotency-Key': KEYS,
}

/** Whose name, and which link, depends on what is asked. */
const OWN_HINTS: Readonly<Record<string, Readonly<Record<string, Arbitrary<unknown>>>>> = {
  register: { username: recalled('new_username'), email: recalled('new_email') },
  login: { username: recalled('username') },
  forgotPassword: { email: recalled('email') },
  changeEmail: { email: recalled('new_email') },
  verifyEmail: { token: recalled('/verify-email') },
  resetPassword: { token: recalled('/reset-password') },
}

/** What the schema allows and no order is: most of its fields belong to orders of another type. */
const MARKET_ORDER = fc.oneof(
  fc.record({
    order_type: fc.constant('market_buy'),
    asset_id: fc.constantFrom('BTC', 'ETH', 'ADA'),
    notional: fc.constantFrom('1', '25.5', '9999'),
  }),
  fc.record({
    order_type: fc.constant('market_sell'),
    asset_id: fc.constantFrom('BTC', 'ETH', 'ADA'),
    quantity: fc.constantFrom('0.00001', '0.5'),
  }),
)
const BODIES: Readonly<Record<string, Arbitrary<unknown>>> = {
  placeOrder: MARKET_ORDER,
  previewOrder: MARKET_ORDER,
  createApiKey: fc.record({
    name: fc.constant('a key'),
    scopes: fc.constant(['read']),
    password: recalled('password'),
  }),
}

const hintsFor =
  (operation: Operation): Hints =>
  (name) =>
    OWN_HINTS[operation.id]?.[name] ?? HINTS[name]

const wholly = (parameter: Parameter, hints: Hints): Arbitrary<unknown> =>
  fc.oneof(
    { weight: 6, arbitrary: fitting(parameter.schema, hints, parameter.name) },
    { weight: 1, arbitrary: spoiled(parameter.schema, hints) },
  )

function valuesOf(operation: Operation, place: Parameter['in'], hints: Hints) {
  const parameters = operation.parameters.filter((parameter) => parameter.in === place)
  const fields = parameters.map((parameter) => [parameter.name, wholly(parameter, hints)] as const)
  const requiredKeys = place === 'path' ? parameters.map(({ name }) => name) : []
  return fc.record(Object.fromEntries(fields), { requiredKeys, noNullPrototype: true })
}

function bodyOf(operation: Operation, hints: Hints): Arbitrary<Asking['body']> {
  if (operation.body === undefined) {
    const some = BROKEN_BODIES.map((text) => ({ text }))
    return operation.method === 'GET'
      ? fc.constant(undefined)
      : fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some })
  }
  const { schema } = operation.body
  return fc.oneof(
    { weight: 6, arbitrary: fitting(schema, hints).map((json) => ({ json })) },
    {
      weight: 6,
      arbitrary: (BODIES[operation.id] ?? fitting(schema, hints)).map((json) => ({ json })),
    },
    { weight: 5, arbitrary: spoiled(schema, hints).map((json) => ({ json })) },
    { weight: 1, arbitrary: BROKEN_BODIES.map((text) => ({ text })) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  )
}

const SIGNED_IN_OPERATIONS = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Role>('customer', 'guarded') },
  { weight: 2, arbitrary: fc.constantFrom<Role>(...ROLES) },
)

export function askingsOf(operation: Operation): Arbitrary<Asking> {
  const hints = hintsFor(operation)
  return fc.record({
    operation: fc.constant(operation),
    role: SIGNED_IN_OPERATIONS,
    path: valuesOf(operation, 'path', hints),
    query: valuesOf(operation, 'query', hints),
    headers: valuesOf(operation, 'header', hints),
    body: bodyOf(operation, hints),
  })
}

/** These hash a password, or end what others build on. */
const SELDOM = ['register', 'login', 'changeEmail', 'changePassword', 'logout', 'endOtherSessions']

const SEQUENCE_MAX = 8

export function sequencesOf(operations: readonly Operation[]): Arbitrary<readonly Asking[]> {
  const any = fc.oneof(
    ...operations.map((operation) => ({
      weight: SELDOM.includes(operation.id) ? 1 : 4,
      arbitrary: askingsOf(operation),
    })),
  )
  return fc.array(any, { minLength: 1, maxLength: SEQUENCE_MAX })
}
