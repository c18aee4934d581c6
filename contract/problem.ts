/**
 * The closed list of refusals. A refusal has a stable code, one status and one title; whoever
 * refuses adds a sentence for this case. One place on the server turns it into HTTP.
 */
import { type Static, Type } from 'typebox'

export const PROBLEMS = {
  'malformed-json': { status: 400, title: 'The body is not well-formed JSON' },
  'malformed-request': { status: 400, title: 'The request is malformed' },
  'not-signed-in': { status: 401, title: 'Sign in first' },
  'bad-token': { status: 401, title: 'The token is not valid' },
  'wrong-credentials': { status: 401, title: 'The name or the password is wrong' },
  'second-factor-required': { status: 401, title: 'The second factor is needed' },
  'wrong-second-factor': { status: 401, title: 'The second factor is wrong' },
  'bad-signature': { status: 401, title: 'The caller is not signed by this platform' },
  'sign-in-blocked': { status: 403, title: 'Too many failed attempts: wait before the next' },
  'scope-missing': { status: 403, title: 'The API key may not do this' },
  'address-not-allowed': { status: 403, title: 'The API key may not be used from this address' },
  'cross-site-request': { status: 403, title: 'Another site may not do this' },
  'route-not-found': { status: 404, title: 'There is no such route' },
  'asset-not-found': { status: 404, title: 'There is no such asset' },
  'order-not-found': { status: 404, title: 'There is no such order' },
  'balance-not-found': { status: 404, title: 'There is no balance in this asset' },
  'user-not-found': { status: 404, title: 'There is no such user' },
  'session-not-found': { status: 404, title: 'There is no such session' },
  'key-not-found': { status: 404, title: 'There is no such API key' },
  'method-not-allowed': { status: 405, title: 'This route does not take this method' },
  'username-taken': { status: 409, title: 'The user name is taken' },
  'email-taken': { status: 409, title: 'The e-mail address is taken' },
  'second-factor-on': { status: 409, title: 'The second factor is switched on already' },
  'second-factor-off': { status: 409, title: 'No second factor is being switched on' },
  'too-many-keys': { status: 409, title: 'There are as many API keys as there may be' },
  'order-not-open': { status: 409, title: 'The order is not open' },
  'account-frozen': { status: 409, title: 'The account is frozen' },
  'asset-halted': { status: 409, title: 'Trading in this asset is halted' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'url-too-long': { status: 414, title: 'The address is too long' },
  'unsupported-media-type': { status: 415, title: 'The body must be JSON' },
  'invalid-input': { status: 422, title: 'The input is not valid' },
  'link-not-valid': { status: 422, title: 'The link is not valid, or not any more' },
  'insufficient-funds': { status: 422, title: 'There is not enough cash' },
  'insufficient-holdings': { status: 422, title: 'There is not enough of the asset' },
  'daily-limit-exceeded': { status: 422, title: 'The limit of the day is exceeded' },
  'reward-claimed': { status: 422, title: 'The reward of the day was claimed' },
  'order-too-small': { status: 422, title: 'The order is too small' },
  'order-too-large': { status: 422, title: 'The order is too large' },
  'price-moved': { status: 422, title: 'The price is worse than the worst you accept' },
  'idempotency-key-reused': { status: 422, title: 'The key was used for another request' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'too-busy': { status: 429, title: 'Too much of this work is waiting' },
  'too-many-at-once': { status: 429, title: 'Too many requests at the same time' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  'internal-error': { status: 500, title: 'Something went wrong here' },
  'dependency-down': { status: 503, title: 'A part of the platform does not answer' },
  overloaded: { status: 503, title: 'The platform has more to do than it can' },
  'prices-stale': { status: 503, title: 'The last known price is too old to trade at' },
  'store-unavailable': { status: 503, title: 'Nothing can be written at the moment' },
  'outcome-unknown': {
    status: 503,
    title: 'The outcome is not known yet: repeat with the same key',
  },
  contention: { status: 503, title: 'Too many changes to this account at once' },
  'shutting-down': { status: 503, title: 'The platform is shutting down' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof PROBLEMS

export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[]

/** What any command under an idempotency key may end with, beside its own refusals. */
export const COMMAND_PROBLEMS = [
  'idempotency-key-reused',
  'too-busy',
  'outcome-unknown',
  'contention',
] as const satisfies readonly ProblemCode[]

export type FieldError = { readonly field: string; readonly message: string }

export type ProblemDetails = {
  /** What happened this time, as a sentence for a person. Never library text or a stack. */
  readonly detail?: string
  /** Of an answer that was read back, where it is not known here. */
  readonly title?: string
  readonly errors?: readonly FieldError[]
  /** Answered as `Retry-After`, whole seconds. */
  readonly retryAfterSeconds?: number
  /** Of an answer that was read back: the name under which the log there knows the request. */
  readonly requestId?: string
  /** Answered beside it, such as a cookie that is taken back. */
  readonly headers?: Readonly<Record<string, string>>
  /** The private story, for the log only. */
  readonly cause?: unknown
}

/** A refusal on its way to the caller, or one that a called service has answered. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly detail: string | undefined
  readonly errors: readonly FieldError[]
  readonly retryAfterSeconds: number | undefined
  readonly requestId: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    const title: string | undefined = PROBLEMS[code].title
    super(details.detail ?? title ?? details.title ?? code, { cause: details.cause })
    this.name = 'Problem'
    this.code = code
    this.detail = details.detail
    this.errors = details.errors ?? []
    this.retryAfterSeconds = details.retryAfterSeconds
    this.requestId = details.requestId
    this.headers = details.headers ?? {}
  }

  get status(): number {
    return PROBLEMS[this.code].status
  }
}

/** `application/problem+json` (RFC 9457) as every service and the gateway answer it. */
export const ProblemBody = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    instance: Type.Optional(Type.String()),
    code: Type.String(),
    request_id: Type.Optional(Type.String()),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), message: Type.String() })),
    ),
  },
  { additionalProperties: false },
)
export type ProblemBody = Static<typeof ProblemBody>

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

export function problemBody(
  problem: Problem,
  at: { instance: string; requestId: string },
): ProblemBody {
  return {
    type: `/docs#problem-${problem.code}`,
    title: PROBLEMS[problem.code].title,
    status: problem.status,
    ...(problem.detail === undefined ? {} : { detail: problem.detail }),
    instance: at.instance,
    code: problem.code,
    request_id: at.requestId,
    ...(problem.errors.length > 0 ? { errors: [...problem.errors] } : {}),
  }
}

const isProblemCode = (code: unknown): code is ProblemCode =>
  typeof code === 'string' && Object.hasOwn(PROBLEMS, code)

/** Reads a problem answer back; whatever is no problem of ours becomes `dependency-down`. */
export function problemFrom(body: unknown, retryAfter: string | undefined): Problem {
  const seconds =
    retryAfter !== undefined && /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined
  const retry = seconds === undefined ? {} : { retryAfterSeconds: seconds }
  if (typeof body !== 'object' || body === null || !('code' in body) || !isProblemCode(body.code)) {
    return new Problem('dependency-down', { ...retry, cause: body })
  }
  const { title, detail, errors, request_id } = body as Partial<ProblemBody>
  return new Problem(body.code, {
    ...retry,
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof detail === 'string' ? { detail } : {}),
    ...(Array.isArray(errors) ? { errors } : {}),
    ...(typeof request_id === 'string' ? { requestId: request_id } : {}),
  })
}
