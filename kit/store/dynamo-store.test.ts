import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createConflictingStore } from './conflicting-store.ts'
import { CONCURRENCY_CASES } from './conformance/concurrency-conformance.ts'
import { openDynamoStore } from './dynamo-store.ts'
import { createTable } from './dynamo-table.ts'
import { createMemoryStore } from './memory-store.ts'
import { STORE_CASES, storeConformance } from './store-conformance.ts'
import {
  type DynamodbLocal,
  dynamodbLocalLacks,
  LOCAL_CREDENTIALS,
  startDynamodbLocal,
} from './testing/dynamodb-local.ts'

const lacks = dynamodbLocalLacks()
/** What runs here is slow, and slower still beside other tests. */
const PATIENT = { timeoutMs: 30_000, attemptsMax: 3 }
let local: DynamodbLocal
let tables = 0

async function openFresh() {
  tables += 1
  const place = { region: 'eu-central-1', endpoint: local.endpoint }
  const table = `conformance-${tables}`
  await createTable(place, { table, expiresIn: undefined }, { protect: false })
  return openDynamoStore({ ...place, table, bounds: PATIENT })
}

describe.skipIf(lacks !== undefined)(`on DynamoDB Local${lacks ? ` (${lacks})` : ''}`, () => {
  beforeAll(async () => {
    for (const [name, value] of Object.entries(LOCAL_CREDENTIALS)) vi.stubEnv(name, value)
    local = await startDynamodbLocal()
  })
  afterAll(() => local.stop())

  const memory = storeConformance('memory', async () =>
    createMemoryStore({ now: () => Date.now() }),
  )
  const dynamo = storeConformance('DynamoDB', openFresh)
  const contended = storeConformance(
    'contended DynamoDB',
    async () => createConflictingStore(await openFresh()),
    CONCURRENCY_CASES,
  )

  test('DynamoDB gives the transcript of the other stores, call by call', () => {
    expect(Object.fromEntries(dynamo)).toStrictEqual(Object.fromEntries(memory))
    expect(dynamo.size).toBe(STORE_CASES.length)
    for (const [title, lines] of contended) expect(lines).toStrictEqual(memory.get(title))
  })
})
