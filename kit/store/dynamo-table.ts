/** The table of a store: what it is like, made where it is missing, and opened where it is. */
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { mayPass } from './dynamo-faults.ts'
import { StoreOpenError } from './store.ts'

/** Where DynamoDB is. Where no credentials are given they are found as every AWS tool finds them. */
export type DynamoPlace = {
  readonly region: string
  /** Of something that speaks DynamoDB's protocol; the service of the region where none is given. */
  readonly endpoint: string | undefined
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export type TableKind = {
  readonly table: string
  /**
   * The field of epoch seconds after which DynamoDB may delete a row, within days. What reads such
   * rows must not rely on it.
   */
  readonly expiresIn: string | undefined
}

/** Sort keys are compared by their UTF-8 bytes; the stream names the keys of what has changed. */
export const describeTable = (table: string) =>
  ({
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    SSESpecification: { Enabled: true },
    DeletionProtectionEnabled: true,
  }) as const satisfies CreateTableCommandInput

const READY_MS_MAX = 120_000
/** What starts at the same time as this process is waited for so long. */
const PATIENCE_MS = 60_000
const CALL_MS_MAX = 10_000
const LOOK_AGAIN_MS = 1_000

export type DynamoSdk = typeof import('@aws-sdk/client-dynamodb')

/** The SDK is loaded where it is used: a platform on its own files never pays for it. */
export async function openDynamoClient(
  { region, endpoint, credentials }: DynamoPlace,
  { connectionsMax = 256, connectMs = 1_000 } = {},
): Promise<{ sdk: DynamoSdk; client: DynamoDBClient }> {
  const sdk = await import('@aws-sdk/client-dynamodb')
  const agent = { keepAlive: true, maxSockets: connectionsMax }
  const client = new sdk.DynamoDBClient({
    region,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: connectMs, httpAgent: agent, httpsAgent: agent },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  })
  return { sdk, client }
}

/**
 * Makes the table, with expiry and restore to a point in time, and waits until it can be used. A
 * table that is there is left as it is. Resolves with whether it was made.
 */
export async function createTable(
  place: DynamoPlace,
  { table, expiresIn }: TableKind,
  options: { protect: boolean } = { protect: true },
): Promise<boolean> {
  const { sdk, client } = await openDynamoClient(place)
  try {
    const command = new sdk.CreateTableCommand({
      ...describeTable(table),
      DeletionProtectionEnabled: options.protect,
    })
    await patiently((bounds) => client.send(command, bounds), PATIENCE_MS)
    await untilActive({ sdk, client }, table)
    if (expiresIn !== undefined) {
      await client.send(
        new sdk.UpdateTimeToLiveCommand({
          TableName: table,
          TimeToLiveSpecification: { AttributeName: expiresIn, Enabled: true },
        }),
      )
    }
    if (options.protect) await keepPointsInTime({ sdk, client }, table)
    return true
  } catch (error) {
    if ((error as Error).name === 'ResourceInUseException') return false
    throw openError(table, error)
  } finally {
    client.destroy()
  }
}

async function untilActive(
  { sdk, client }: { sdk: DynamoSdk; client: DynamoDBClient },
  table: string,
): Promise<void> {
  const deadline = Date.now() + READY_MS_MAX
  for (;;) {
    const { Table } = await client.send(new sdk.DescribeTableCommand({ TableName: table }))
    if (Table?.TableStatus === 'ACTIVE') return
    if (Date.now() > deadline) throw new StoreOpenError(`The table ${table} is not ready in time.`)
    await pause(LOOK_AGAIN_MS)
  }
}

/** DynamoDB Local keeps none. */
async function keepPointsInTime(
  { sdk, client }: { sdk: DynamoSdk; client: DynamoDBClient },
  table: string,
): Promise<void> {
  try {
    await client.send(
      new sdk.UpdateContinuousBackupsCommand({
        TableName: table,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    )
  } catch (error) {
    if ((error as Error).name !== 'UnknownOperationException') throw error
  }
}

/** The stream of a table that is as a store needs it. Throws a `StoreOpenError`. */
export async function openTable(
  { sdk, client }: { sdk: DynamoSdk; client: DynamoDBClient },
  table: string,
  patienceMs = PATIENCE_MS,
): Promise<{ streamArn: string }> {
  try {
    const command = new sdk.DescribeTableCommand({ TableName: table })
    const { Table } = await patiently((bounds) => client.send(command, bounds), patienceMs)
    const keys = (Table?.KeySchema ?? []).map(({ AttributeName: name }) => name).join()
    const { StreamEnabled: streams } = Table?.StreamSpecification ?? {}
    if (keys !== 'pk,sk' || streams !== true || Table?.LatestStreamArn === undefined) {
      throw new StoreOpenError(
        `The table ${table} is not one of this platform: it needs the keys pk and sk, and a stream of its keys. Let npm run table:create make it.`,
      )
    }
    return { streamArn: Table.LatestStreamArn }
  } catch (error) {
    throw openError(table, error)
  }
}

/** Nobody listens yet, or it has too much to do: another answer may come. Names are right or wrong. */
async function patiently<Answer>(
  ask: (bounds: { abortSignal: AbortSignal }) => Promise<Answer>,
  patienceMs: number,
): Promise<Answer> {
  const lastMs = performance.now() + patienceMs
  for (;;) {
    try {
      return await ask({ abortSignal: AbortSignal.timeout(CALL_MS_MAX) })
    } catch (error) {
      if (!mayPass(error) || performance.now() > lastMs) throw error
      await pause(Math.min(LOOK_AGAIN_MS, patienceMs))
    }
  }
}

function openError(table: string, cause: unknown): unknown {
  if (cause instanceof StoreOpenError) return cause
  const { name, message } = cause as Error
  const missing = name === 'ResourceNotFoundException'
  return new StoreOpenError(
    missing
      ? `There is no table ${table}. Let npm run table:create make it, or set DYNAMODB_TABLE.`
      : `The table ${table} cannot be opened (${name}: ${message}). Check DYNAMODB_REGION, DYNAMODB_ENDPOINT and the AWS credentials of this process.`,
    { cause },
  )
}
