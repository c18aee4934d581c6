/** The calls behind the port: what each asks of DynamoDB, and what its answer means. */
import { createHash } from 'node:crypto'
import type { DynamoDBClient, QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { createCommand } from './command.ts'
import type { DynamoCalls } from './dynamo-calls.ts'
import {
  attributeOf,
  type Item,
  itemKeyOf,
  keyedRowOf,
  rowOf,
  transactItemOf,
} from './dynamo-items.ts'
import type { FirstRow } from './dynamo-partitions.ts'
import type { DynamoSdk } from './dynamo-table.ts'
import { encodeRow } from './row-codec.ts'
import {
  type Bounds,
  boundsOf,
  checkQuery,
  checkSnapshot,
  checkSnapshotBytes,
  checkTransactionBytes,
  compareKeys,
} from './row-rules.ts'
import type { Key, KeyedRow, Op, QueryPage, QueryRange, Row, TransactOptions } from './store.ts'

export type DynamoTable = {
  readonly sdk: DynamoSdk
  readonly client: DynamoDBClient
  readonly calls: DynamoCalls
  readonly table: string
}

const TOKEN = /^[\x20-\x7e]{1,36}$/
const TOKEN_CHARACTERS_MAX = 36

/** One row needs no transaction to be read at one moment, and costs half without. */
export async function readSnapshot(
  table: DynamoTable,
  keys: readonly Key[],
): Promise<readonly (Row | undefined)[]> {
  checkSnapshot(keys)
  const [first, second] = keys
  if (first === undefined) return []
  const items = second === undefined ? [await readItem(table, first)] : await readItems(table, keys)
  const rows = items.map((item) => (item === undefined ? undefined : rowOf(item)))
  checkSnapshotBytes(
    keys.flatMap((key, index) => {
      const row = rows[index]
      return row === undefined ? [] : [{ key, row, text: encodeRow(row) }]
    }),
  )
  return rows
}

async function readItem(
  { sdk, client, calls, table }: DynamoTable,
  key: Key,
): Promise<Item | undefined> {
  const command = new sdk.GetItemCommand({
    TableName: table,
    Key: itemKeyOf(key),
    ConsistentRead: true,
    ReturnConsumedCapacity: 'TOTAL',
  })
  const found = await calls.call('GetItem', (options) => client.send(command, options))
  return found.Item
}

async function readItems(
  { sdk, client, calls, table }: DynamoTable,
  keys: readonly Key[],
): Promise<readonly (Item | undefined)[]> {
  const command = new sdk.TransactGetItemsCommand({
    TransactItems: keys.map((key) => ({ Get: { TableName: table, Key: itemKeyOf(key) } })),
    ReturnConsumedCapacity: 'TOTAL',
  })
  const { Responses = [] } = await calls.call('TransactGetItems', (options) =>
    client.send(command, options),
  )
  return keys.map((_, index) => Responses[index]?.Item)
}

export async function transact(
  { sdk, client, calls, table }: DynamoTable,
  ops: readonly Op[],
  options: TransactOptions,
): Promise<void> {
  const { putTexts, token } = createCommand(ops, options)
  checkTransactionBytes(
    ops.flatMap((op, index) =>
      op.kind === 'put' ? [{ key: op.key, row: op.row, text: putTexts[index] ?? '' }] : [],
    ),
  )
  const command = new sdk.TransactWriteItemsCommand({
    TransactItems: ops.map((op) => transactItemOf(table, op)),
    ClientRequestToken: TOKEN.test(token) ? token : shortened(token),
    ReturnConsumedCapacity: 'TOTAL',
  })
  await calls.call('TransactWriteItems', (bounds) => client.send(command, bounds))
}

const shortened = (token: string): string =>
  createHash('sha256').update(token).digest('base64url').slice(0, TOKEN_CHARACTERS_MAX)

/** One row more than asked for says whether there are more. */
export async function readPage(
  table: DynamoTable,
  pk: string,
  range: QueryRange,
): Promise<QueryPage> {
  checkQuery(pk, range)
  const { limit, reverse = false } = range
  const bounds = boundsOf(range)
  const rows: KeyedRow[] = []
  let behind = startOf(pk, bounds)
  while (!isEmpty(bounds) && rows.length <= limit) {
    const page = await queryOnce(table, {
      ...keysWithin(pk, bounds),
      Limit: limit + 1 - rows.length,
      ScanIndexForward: !reverse,
      ...(behind === undefined ? {} : { ExclusiveStartKey: behind }),
    })
    rows.push(...(page.Items ?? []).map(keyedRowOf))
    behind = page.LastEvaluatedKey
    if (behind === undefined) break
  }
  return { rows: rows.slice(0, limit), more: rows.length > limit }
}

function queryOnce(
  { sdk, client, calls, table }: DynamoTable,
  input: Omit<QueryCommandInput, 'TableName'>,
) {
  const command = new sdk.QueryCommand({
    ...input,
    TableName: table,
    ConsistentRead: true,
    ReturnConsumedCapacity: 'TOTAL',
  })
  return calls.call('Query', (options) => client.send(command, options))
}

function isEmpty({ low, high }: Bounds): boolean {
  if (high === undefined) return false
  const order = compareKeys(low.sk, high.sk)
  return order > 0 || (order === 0 && !(low.inclusive && high.inclusive))
}

/** One condition on the sort key is all there may be: two bounds are `BETWEEN`, ends included. */
function keysWithin(pk: string, { low, high }: Bounds): Omit<QueryCommandInput, 'TableName'> {
  const conditions = ['pk = :pk']
  const values: Item = { ':pk': attributeOf(pk) }
  if (low.sk !== '') values[':low'] = attributeOf(low.sk)
  if (high !== undefined) values[':high'] = attributeOf(high.sk)
  if (low.sk !== '' && high !== undefined) conditions.push('sk BETWEEN :low AND :high')
  else if (low.sk !== '') conditions.push(`sk ${low.inclusive ? '>=' : '>'} :low`)
  else if (high !== undefined) conditions.push(`sk ${high.inclusive ? '<=' : '<'} :high`)
  return { KeyConditionExpression: conditions.join(' AND '), ExpressionAttributeValues: values }
}

/** An end of `BETWEEN` that is not to be included is where the page before ended. */
function startOf(pk: string, { low, high }: Bounds): Item | undefined {
  if (low.sk === '' || high === undefined) return undefined
  if (!low.inclusive) return itemKeyOf({ pk, sk: low.sk })
  return high.inclusive ? undefined : itemKeyOf({ pk, sk: high.sk })
}

/** The first row behind a place in the order of the table, of which only the key is read. */
export function firstRowOf({ sdk, client, calls, table }: DynamoTable): FirstRow {
  return async ({ segment, segments, behind }) => {
    const command = new sdk.ScanCommand({
      TableName: table,
      ProjectionExpression: 'pk',
      ConsistentRead: true,
      Limit: 1,
      Segment: segment,
      TotalSegments: segments,
      ReturnConsumedCapacity: 'TOTAL',
      ...(behind === undefined ? {} : { ExclusiveStartKey: behind }),
    })
    const { Items = [], LastEvaluatedKey: next } = await calls.call('Scan', (options) =>
      client.send(command, options),
    )
    return { pk: Items[0]?.['pk']?.S, next }
  }
}
