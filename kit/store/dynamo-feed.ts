/**
 * The change feed on DynamoDB Streams. A stream is many shards, each in the order of its commits; a
 * shard ends after some hours or when its part of the table is split, and children continue it. A
 * child is read when its parent has been read to its end, so what happened to one row is told in
 * its order. Changes are kept for 24 hours.
 *
 * A cursor names the stream and how far each shard was read: `>7` is behind record 7, `=7` is from
 * record 7 on, `.` is to its end. It names every shard there was when it was made, so that a shard
 * that came and went unread is noticed.
 */
import type {
  _Record as ChangeRecord,
  DynamoDBStreamsClient,
  GetShardIteratorCommandInput,
  Shard,
} from '@aws-sdk/client-dynamodb-streams'
import type { DynamoCalls } from './dynamo-calls.ts'
import type { DynamoPlace } from './dynamo-table.ts'
import { type ChangePage, StoreFault } from './store.ts'

const END = '.'
/** A shard that has ended is noticed at once; another reason to look again is a split. */
const SHARDS_KNOWN_MS = 10_000
/** They are good for fifteen minutes. */
const ITERATOR_MS_MAX = 10 * 60_000
const ITERATORS_MAX = 1_000

type Positions = ReadonlyMap<string, string>
type Shards = ReadonlyMap<string, Shard>

export type DynamoFeed = {
  read(after: string, limit: number): Promise<ChangePage>
  close(): void
}

type Streams = {
  readonly sdk: typeof import('@aws-sdk/client-dynamodb-streams')
  readonly client: DynamoDBStreamsClient
}

export function createDynamoFeed({
  place,
  streamArn,
  calls,
}: {
  place: DynamoPlace
  streamArn: string
  calls: DynamoCalls
}): DynamoFeed {
  const iterators = createIterators()
  let opened: Promise<Streams> | undefined
  let known: { readonly shards: Shards; readonly atMs: number } | undefined
  let turn = 0
  return { read, close: () => void opened?.then(({ client }) => client.destroy()) }

  async function read(after: string, limit: number): Promise<ChangePage> {
    const given = after === '' ? undefined : parseCursor(after, streamArn)
    opened ??= openStreams(place)
    const streams = await opened
    const shards = await currentShards(streams)
    if (given !== undefined) refuseGaps(given, shards)
    const order = rotated([...shards.keys()], turn)
    turn += 1
    const { changed, positions } = await readInOrder(streams, shards, { order, given, limit })
    const ended = endsIn(positions) > endsIn(given ?? new Map())
    if (ended) known = undefined
    if (changed.length === 0 && !ended) return { partitions: [], cursor: after }
    const partitions = changed.filter((pk, index) => pk !== changed[index - 1])
    return { partitions, cursor: printCursor(streamArn, shards, positions) }
  }

  /** The order is another each time: a busy shard keeps no other waiting for ever. */
  async function readInOrder(
    streams: Streams,
    shards: Shards,
    asked: { order: readonly string[]; given: Positions | undefined; limit: number },
  ) {
    const positions = new Map(asked.given)
    const changed: string[] = []
    const unread = new Set(asked.order)
    while (changed.length < asked.limit) {
      const shardId = [...unread].find((id) => isReadable(id, shards, positions))
      if (shardId === undefined) break
      unread.delete(shardId)
      const limit = asked.limit - changed.length
      const told = await readShard(streams, { shardId, position: positions.get(shardId), limit })
      changed.push(...told.changes.map(({ pk }) => pk))
      if (told.position !== undefined) positions.set(shardId, told.position)
    }
    return { changed, positions }
  }

  async function currentShards(streams: Streams): Promise<Shards> {
    if (known !== undefined && Date.now() - known.atMs < SHARDS_KNOWN_MS) return known.shards
    const shards = await describeShards(streams, streamArn, calls)
    known = { shards, atMs: Date.now() }
    return shards
  }

  async function readShard(
    streams: Streams,
    at: { shardId: string; position: string | undefined; limit: number },
  ) {
    const { sdk, client } = streams
    const name = `${at.shardId} ${at.position ?? ''}`
    const start = { StreamArn: streamArn, ShardId: at.shardId, ...startAt(at.position) }
    const ShardIterator = iterators.take(name) ?? (await iteratorAt(streams, calls, start))
    const command = new sdk.GetRecordsCommand({ ShardIterator, Limit: at.limit })
    const { Records = [], NextShardIterator: next } = await calls.call('GetRecords', (options) =>
      client.send(command, options).catch(expiredWhenTrimmed),
    )
    const changes = Records.map(changeOf)
    const last = changes.at(-1)
    const reached = last === undefined ? at.position : `>${last.sequenceNumber}`
    if (next !== undefined) iterators.keep(`${at.shardId} ${reached ?? ''}`, next)
    return { changes, position: next === undefined ? END : reached }
  }
}

async function iteratorAt(
  { sdk, client }: Streams,
  calls: DynamoCalls,
  input: GetShardIteratorCommandInput,
): Promise<string> {
  const command = new sdk.GetShardIteratorCommand(input)
  const { ShardIterator = '' } = await calls.call('GetShardIterator', (options) =>
    client.send(command, options).catch(expiredWhenTrimmed),
  )
  return ShardIterator
}

/** Loaded by the first who reads changes. */
async function openStreams({ region, endpoint, credentials }: DynamoPlace): Promise<Streams> {
  const sdk = await import('@aws-sdk/client-dynamodb-streams')
  const client = new sdk.DynamoDBStreamsClient({
    region,
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  })
  return { sdk, client }
}

async function describeShards(
  { sdk, client }: Streams,
  StreamArn: string,
  calls: DynamoCalls,
): Promise<Shards> {
  const shards = new Map<string, Shard>()
  let from: { ExclusiveStartShardId?: string } = {}
  for (;;) {
    const command = new sdk.DescribeStreamCommand({ StreamArn, ...from })
    const { StreamDescription: page = {} } = await calls.call('DescribeStream', (options) =>
      client.send(command, options),
    )
    for (const shard of page.Shards ?? []) shards.set(shard.ShardId ?? '', shard)
    if (page.LastEvaluatedShardId === undefined) return shards
    from = { ExclusiveStartShardId: page.LastEvaluatedShardId }
  }
}

const endsIn = (positions: Positions): number =>
  [...positions.values()].filter((position) => position === END).length

function isReadable(shardId: string, shards: Shards, positions: Positions): boolean {
  if (positions.get(shardId) === END) return false
  const parent = shards.get(shardId)?.ParentShardId
  return parent === undefined || !shards.has(parent) || positions.get(parent) === END
}

/** A shard goes with its last record: where one was not read to its end, changes are missing. */
function refuseGaps(given: Positions, shards: Shards): void {
  const lost = [...given].some(([id, position]) => position !== END && !shards.has(id))
  const skipped = [...shards].some(
    ([id, { ParentShardId: parent }]) =>
      !given.has(id) && parent !== undefined && !shards.has(parent) && !given.has(parent),
  )
  if (lost || skipped) throw cursorExpired()
}

function startAt(position: string | undefined): Pick<
  GetShardIteratorCommandInput,
  'ShardIteratorType' | 'SequenceNumber'
> & {
  ShardIteratorType: 'TRIM_HORIZON' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'
} {
  if (position === undefined) return { ShardIteratorType: 'TRIM_HORIZON' }
  const SequenceNumber = position.slice(1)
  return position.startsWith('=')
    ? { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber }
    : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber }
}

const changeOf = ({ dynamodb }: ChangeRecord) => ({
  pk: dynamodb?.Keys?.['pk']?.S ?? '',
  sequenceNumber: dynamodb?.SequenceNumber ?? '',
})

/** Where the next record of a shard is, for the next page: found anew from the cursor when lost. */
function createIterators() {
  const kept = new Map<string, { readonly iterator: string; readonly atMs: number }>()
  return {
    take(name: string): string | undefined {
      const found = kept.get(name)
      kept.delete(name)
      return found !== undefined && Date.now() - found.atMs < ITERATOR_MS_MAX
        ? found.iterator
        : undefined
    },
    keep(name: string, iterator: string): void {
      if (kept.size >= ITERATORS_MAX) kept.clear()
      kept.set(name, { iterator, atMs: Date.now() })
    },
  }
}

const rotated = <Value>(values: readonly Value[], by: number): readonly Value[] => {
  const start = values.length === 0 ? 0 : by % values.length
  return [...values.slice(start), ...values.slice(0, start)]
}

function printCursor(stream: string, shards: Shards, positions: Positions): string {
  const named = [...shards].map(([id, { SequenceNumberRange: range }]): [string, string] => [
    id,
    positions.get(id) ?? `=${range?.StartingSequenceNumber ?? ''}`,
  ])
  return JSON.stringify([stream, ...named.map(([id, position]) => `${id} ${position}`)])
}

/** Throws `cursor-expired` for what is no cursor of this stream. */
function parseCursor(cursor: string, streamArn: string): Positions {
  try {
    const [stream, ...named] = JSON.parse(cursor) as string[]
    if (stream === streamArn) {
      return new Map(named.map((text) => text.split(' ') as [string, string]))
    }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error
  }
  throw cursorExpired()
}

const GONE = new Set(['TrimmedDataAccessException', 'ResourceNotFoundException'])

function expiredWhenTrimmed(error: unknown): never {
  throw GONE.has((error as Error).name) ? cursorExpired(error) : error
}

const cursorExpired = (cause?: unknown): StoreFault =>
  new StoreFault('cursor-expired', 'The changes behind this cursor are not kept', { cause })
