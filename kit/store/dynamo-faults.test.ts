import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { key, put, refusalOf } from './conformance/store-case.ts'
import type { DynamoFigures } from './dynamo-calls.ts'
import { openDynamoStore } from './dynamo-store.ts'
import { type Store, StoreFault } from './store.ts'
import { LOCAL_CREDENTIALS } from './testing/dynamodb-local.ts'
import {
  cancelled,
  type Lie,
  type LyingDynamodb,
  refusal,
  startLyingDynamodb,
} from './testing/lying-dynamodb.ts'

const A = key('p', 'a')
const B = key('p', 'b')
const TWO = [put(A, { n: 1n }), put(B, { n: 1n })]
const NONE = { Code: 'None' }
const TIMEOUT_MS = 300
const ATTEMPTS_MAX = 3

let liar: LyingDynamodb
let store: Store
let counted: string[]

const figures: DynamoFigures = {
  onConsumed: (operation, kind, units) => counted.push(`${operation} ${kind} ${units}`),
  onCall: () => undefined,
  onThrottled: (operation, reason) => counted.push(`${operation} throttled ${reason}`),
  onRepeated: (operation, reason) => counted.push(`${operation} repeated ${reason}`),
}

beforeEach(async () => {
  for (const [name, value] of Object.entries(LOCAL_CREDENTIALS)) vi.stubEnv(name, value)
  liar = await startLyingDynamodb()
  counted = []
  const bounds = { timeoutMs: TIMEOUT_MS, attemptsMax: ATTEMPTS_MAX }
  const place = { region: 'eu-central-1', endpoint: liar.endpoint }
  store = await openDynamoStore({ ...place, table: 't', bounds, figures })
})
afterEach(async () => {
  await store.close()
  await liar.stop()
})

const transact = (token = 'a token') => store.transact(TWO, { token })

test.each<[string, Lie, string]>([
  ['a failed condition', cancelled(NONE, { Code: 'ConditionalCheckFailed' }), 'condition-failed 1'],
  ['a conflict', cancelled({ Code: 'TransactionConflict' }, NONE), 'conflict'],
  [
    'a conflict beside a failed condition',
    cancelled({ Code: 'ConditionalCheckFailed' }, { Code: 'TransactionConflict' }),
    'conflict',
  ],
  [
    'an item grown too large',
    cancelled(NONE, {
      Code: 'ValidationError',
      Message: 'Item size to update has exceeded the maximum allowed size',
    }),
    'too-large',
  ],
  ['a full partition', cancelled({ Code: 'ItemCollectionSizeLimitExceeded' }, NONE), 'too-large'],
  ['denied access', cancelled({ Code: 'AccessDenied' }, NONE), 'unavailable'],
  [
    'another request under the token',
    refusal('IdempotentParameterMismatchException'),
    'token-mismatch',
  ],
  ['the same request under way', refusal('TransactionInProgressException'), 'conflict'],
  ['a table that is gone', refusal('ResourceNotFoundException'), 'unavailable'],
  ['credentials that have expired', refusal('ExpiredTokenException'), 'unavailable'],
  ['a defect of the service', refusal('InternalServerError', {}, 500), 'outcome-unknown'],
  ['a service that is away', refusal('ServiceUnavailable', {}, 503), 'outcome-unknown'],
  ['something nobody has heard of', refusal('SomethingNew'), 'outcome-unknown'],
  ['an answer that never comes', 'silence', 'outcome-unknown'],
  ['a connection that breaks', 'reset', 'outcome-unknown'],
])('a transaction that meets %s is told so, and is sent once', async (_, lie, expected) => {
  liar.lies.push(lie)
  expect(await refusalOf(transact())).toBe(expected)
  expect(liar.asked).toHaveLength(1)
  expect(counted.filter((line) => line.includes('repeated'))).toStrictEqual([])
})

test.each<[string, Lie, string]>([
  ['the whole request', refusal('ThrottlingException'), 'ThrottlingException'],
  [
    'the whole request, with its reason',
    refusal('ThrottlingException', {
      ThrottlingReasons: [{ reason: 'TableWriteMaxOnDemandThroughputExceeded' }],
    }),
    'TableWriteMaxOnDemandThroughputExceeded',
  ],
  ['one row', cancelled({ Code: 'ThrottlingError' }, NONE), 'ThrottlingError'],
  [
    'a provisioned table',
    cancelled(NONE, { Code: 'ProvisionedThroughputExceeded' }),
    'ProvisionedThroughputExceeded',
  ],
])('throttling of %s is counted by its reason and tried a few times', async (_, lie, reason) => {
  liar.lies.push(...Array.from({ length: 9 }, () => lie))
  expect(await refusalOf(transact())).toBe('throttled')
  expect(liar.asked).toHaveLength(ATTEMPTS_MAX)
  expect(counted).toStrictEqual([
    `TransactWriteItems throttled ${reason}`,
    'TransactWriteItems repeated throttled',
    `TransactWriteItems throttled ${reason}`,
    'TransactWriteItems repeated throttled',
    `TransactWriteItems throttled ${reason}`,
  ])
})

test('a transaction that passes at last was repeated with the same token', async () => {
  liar.lies.push(refusal('ThrottlingException'))
  await transact('the very token')
  const tokens = liar.asked.map(({ input }) => input['ClientRequestToken'])
  expect(tokens).toStrictEqual(['the very token', 'the very token'])
})

test.each<[string, Lie]>([
  ['a broken connection', 'reset'],
  ['silence', 'silence'],
  ['a defect of the service', refusal('InternalServerError', {}, 500)],
  ['throttling', refusal('ThrottlingException')],
  ['a transaction in the way', cancelled({ Code: 'TransactionConflict' }, NONE)],
])('a read that meets %s is repeated, and answered', async (_, lie) => {
  liar.lies.push(lie, { status: 200, body: { Responses: [{ Item: { n: { N: '7' } } }, {}] } })
  expect(await store.snapshot([A, B])).toStrictEqual([{ n: 7n }, undefined])
})

test('a read that meets nothing but silence ends in time', async () => {
  liar.lies.push('silence', 'silence', 'silence', 'silence')
  const startedMs = Date.now()
  expect(await refusalOf(store.query('p', { limit: 1 }))).toBe('unavailable')
  expect(liar.asked).toHaveLength(ATTEMPTS_MAX)
  expect(Date.now() - startedMs).toBeLessThan(20 * TIMEOUT_MS)
})

test('where nobody listens a transaction was not applied, and says so', async () => {
  await liar.stop()
  // Lets go of the connection that was kept.
  expect(await refusalOf(store.snapshot([A]))).toBe('unavailable')
  expect(await refusalOf(transact())).toBe('unavailable')
  liar = await startLyingDynamodb()
})

test('what DynamoDB calls invalid is a defect of this program', async () => {
  liar.lies.push(refusal('ValidationException'))
  const error = await transact().catch((reason: unknown) => reason)
  expect(error).not.toBeInstanceOf(StoreFault)
  expect((error as Error).name).toBe('ValidationException')
})

test('a token that DynamoDB would not take is shortened, equal ones equally', async () => {
  const long = 'x'.repeat(37)
  await transact(long)
  await transact(long)
  await transact('größe')
  await transact('y'.repeat(36))
  const [first, second, third, fourth] = liar.asked.map(({ input }) => input['ClientRequestToken'])
  expect(first).toMatch(/^[\w-]{36}$/)
  expect(second).toBe(first)
  expect(third).toMatch(/^[\w-]{36}$/)
  expect(fourth).toBe('y'.repeat(36))
})

test('capacity is counted by operation as DynamoDB says it', async () => {
  liar.lies.push(
    { status: 200, body: { ConsumedCapacity: [{ CapacityUnits: 12 }] } },
    { status: 200, body: { ConsumedCapacity: { CapacityUnits: 0.5 }, Items: [] } },
  )
  await transact()
  await store.query('p', { limit: 1 })
  expect(counted).toStrictEqual(['TransactWriteItems write 12', 'Query read 0.5'])
})
