/** Where each service keeps what must not be lost: a file of its own, or a table of its own. */
import type { ServiceName } from '@cnop/contract/route.ts'
import type { Config } from '@cnop/kit/config.ts'
import { commitMetrics, dynamoMetrics } from '@cnop/kit/store/commit-metrics.ts'
import type { DynamoPlace, TableKind } from '@cnop/kit/store/dynamo-table.ts'
import { openSqliteReader } from '@cnop/kit/store/sqlite-reader.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import type { Store, StoreReader } from '@cnop/kit/store/store.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import { dataFileOf } from './data-dir.ts'

type Place = Pick<Config, 'dynamodbTable' | 'dynamodbRegion' | 'dynamodbEndpoint'>

/** The gateway keeps nothing. */
export const STORING_SERVICES = ['order', 'inventory', 'user', 'auth'] as const
export type StoringService = (typeof STORING_SERVICES)[number]

export const placeOf = ({ dynamodbRegion, dynamodbEndpoint }: Place): DynamoPlace => ({
  region: dynamodbRegion ?? '',
  endpoint: dynamodbEndpoint,
})

/** Of what the services keep, only the answers to past orders are worth nothing after a while. */
export const tableOf = (prefix: string, service: ServiceName): TableKind => ({
  table: `${prefix}-${service}`,
  expiresIn: service === 'order' ? 'expires' : undefined,
})

/** The store that a service writes to. The adapter of DynamoDB is loaded only where it is used. */
export async function openStoreOf(
  service: ServiceName,
  site: {
    readonly config: Config
    readonly dataDir: string
    readonly telemetry: Telemetry
    readonly onFatal: (error: Error) => void
  },
): Promise<Store> {
  const { config, dataDir, telemetry, onFatal } = site
  const onCommit = commitMetrics(telemetry, service)
  if (config.store === 'sqlite') {
    return openSqliteStore({
      file: dataFileOf(dataDir, service),
      now: Date.now,
      onFatal,
      onCommit,
    })
  }
  const { openDynamoStore } = await import('@cnop/kit/store/dynamo-store.ts')
  return openDynamoStore({
    ...placeOf(config),
    table: tableOf(config.dynamodbTable, service).table,
    figures: dynamoMetrics(telemetry, service),
    onCommit,
  })
}

/** To read beside the platform: a file as it is at one moment, a table as it changes. */
export async function openReaderOf(
  service: ServiceName,
  { config, dataDir }: { config: Config; dataDir: string },
): Promise<StoreReader> {
  if (config.store === 'sqlite') return openSqliteReader({ file: dataFileOf(dataDir, service) })
  const { openDynamoStore } = await import('@cnop/kit/store/dynamo-store.ts')
  return openDynamoStore({
    ...placeOf(config),
    table: tableOf(config.dynamodbTable, service).table,
  })
}
