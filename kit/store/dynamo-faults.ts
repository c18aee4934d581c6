/**
 * What DynamoDB and the way to it answer when a call fails, in the words of the port. Whatever is
 * not known to have been refused or never sent may have been applied.
 */
import type { CancellationReason, TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { StoreFault, type StoreFaultCode } from './store.ts'

export type CallKind = 'read' | 'transact'

export type FailedCall = {
  /** A `StoreFault`, or the error itself where it is a defect of this program. */
  readonly error: unknown
  /** Why a call was throttled, as DynamoDB names it; for a metric. */
  readonly throttling: readonly string[]
  /** Whether the same call may be sent again as it is, with the prospect of another answer. */
  readonly passing: boolean
}

/** The connection was never made, or the request never signed: nothing was sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CredentialsProviderError',
])

const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'LimitExceededException',
])

/** Refused before anything was read or written, until an operator changes something. */
const REFUSED = new Set([
  'AccessDeniedException',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'ResourceInUseException',
  'ResourceNotFoundException',
  'UnrecognizedClientException',
])

const NOT_NOW = new Set([
  'AbortError',
  'TimeoutError',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  ...THROTTLED,
])

/** Whether the same call may be answered later, with nothing changed here. */
export function mayPass(error: unknown): boolean {
  const { name, code = '', $fault } = error as Error & { code?: string; $fault?: string }
  return NOT_NOW.has(name) || NOT_NOW.has(code) || $fault === 'server'
}

export function failedCall(error: unknown, kind: CallKind): FailedCall {
  const { name, message } = error as Error
  const fault = (code: StoreFaultCode, says: string, failed: readonly number[] = []) =>
    new StoreFault(code, says, { failed, cause: error })
  const never = { throttling: [], passing: false }
  if (error instanceof StoreFault) return { ...never, error }
  if (name === 'TransactionCanceledException') {
    return cancelled(error as TransactionCanceledException, kind)
  }
  if (THROTTLED.has(name)) {
    return {
      error: fault('throttled', 'Too many requests'),
      throttling: throttlingReasons(error),
      passing: true,
    }
  }
  if (name === 'TransactionInProgressException') {
    return { ...never, error: fault('conflict', 'A transaction of this token is under way') }
  }
  if (name === 'TransactionConflictException') {
    return { ...never, error: fault('conflict', 'A transaction was in the way'), passing: true }
  }
  if (name === 'IdempotentParameterMismatchException') {
    return { ...never, error: fault('token-mismatch', 'The token has named other ops') }
  }
  if (REFUSED.has(name)) return { ...never, error: fault('unavailable', `${name}: ${message}`) }
  if (name === 'ValidationException') {
    return { ...never, error: isAboutSize(message) ? fault('too-large', message) : error }
  }
  if (neverSent(error)) {
    return { ...never, error: fault('unavailable', 'DynamoDB is not reached'), passing: true }
  }
  return kind === 'transact'
    ? { ...never, error: fault('outcome-unknown', 'No answer came') }
    : { ...never, error: fault('unavailable', 'No answer came'), passing: true }
}

/** The worst of the reasons is the one that counts: what is too large never succeeds. */
function cancelled(error: TransactionCanceledException, kind: CallKind): FailedCall {
  const reasons = error.CancellationReasons ?? []
  const positions = (...codes: readonly string[]): number[] =>
    reasons.flatMap(({ Code = '' }, position) => (codes.includes(Code) ? [position] : []))
  const fault = (code: StoreFaultCode, says: string, failed: readonly number[] = []) =>
    new StoreFault(code, says, { failed, cause: error })
  const never = { throttling: [], passing: false }

  const [misfit] = positions('ValidationError')
  if (misfit !== undefined) {
    const { Message = '' } = reasons[misfit] as CancellationReason
    return { ...never, error: isAboutSize(Message) ? fault('too-large', Message) : error }
  }
  if (positions('ItemCollectionSizeLimitExceeded').length > 0) {
    return { ...never, error: fault('too-large', 'A partition is full') }
  }
  if (positions('AccessDenied').length > 0) {
    return { ...never, error: fault('unavailable', 'DynamoDB denies access') }
  }
  const throttled = positions('ThrottlingError', 'ProvisionedThroughputExceeded')
  if (throttled.length > 0) {
    const named = new Set(throttled.map((position) => reasons[position]?.Code ?? ''))
    return { error: fault('throttled', 'Too many requests'), throttling: [...named], passing: true }
  }
  // A read may be repeated as it is; what was to be written is decided anew from what is there now.
  if (positions('TransactionConflict').length > 0) {
    const passing = kind === 'read'
    return { ...never, error: fault('conflict', 'Another transaction was in the way'), passing }
  }
  const unmet = positions('ConditionalCheckFailed')
  if (unmet.length > 0) {
    const says = `Condition failed at ${unmet.join(', ')}`
    return { ...never, error: fault('condition-failed', says, unmet) }
  }
  return { ...never, error }
}

/** Newer services say which limit of which resource it was. */
function throttlingReasons(error: unknown): readonly string[] {
  const { ThrottlingReasons: reasons, name } = error as {
    ThrottlingReasons?: readonly { reason?: string }[]
    name: string
  }
  const named = (reasons ?? []).flatMap(({ reason }) => (reason === undefined ? [] : [reason]))
  return named.length > 0 ? named : [name]
}

/** There is no code for it: DynamoDB says in words that an item or a transaction is too large. */
const isAboutSize = (message: string): boolean =>
  /size|exceeded|larger|too (large|big)/i.test(message)

/** Whether a connection was refused, or not made in time; the SDK wraps what Node said. */
function neverSent(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { name, message } = cause
    const { code = '' } = cause as NodeJS.ErrnoException
    if (NEVER_SENT.has(code) || NEVER_SENT.has(name)) return true
    if (message.includes('without establishing a connection')) return true
    if (cause instanceof AggregateError && cause.errors.length > 0) {
      return cause.errors.every(neverSent)
    }
  }
  return false
}
