/** What the commits of a store come to, as metrics. */
import type { Telemetry } from '../telemetry.ts'
import type { DynamoFigures } from './dynamo-calls.ts'
import type { CommitFigures } from './group-commit.ts'

export function commitMetrics(
  telemetry: Telemetry,
  service: string,
): (figures: CommitFigures) => void {
  const commits = telemetry
    .counter('store_commits_total', 'Durable commits', ['service'])
    .labels({ service })
  const transactions = telemetry.counter(
    'store_transactions_total',
    'Transactions of those commits',
    ['service', 'outcome'],
  )
  const applied = transactions.labels({ service, outcome: 'applied' })
  const refused = transactions.labels({ service, outcome: 'refused' })
  const seconds = telemetry
    .histogram('store_commit_duration_seconds', 'Time of a commit, the disk included', ['service'])
    .labels({ service })
  return (figures) => {
    commits.inc()
    applied.inc(figures.transactions - figures.refused)
    refused.inc(figures.refused)
    seconds.observe(figures.durationMs / 1000)
  }
}

/** A reason is a word of DynamoDB's; whatever else comes in its place does not become a series. */
const REASON = /^[A-Za-z]{1,60}$/

/** What the calls to DynamoDB come to: time, capacity, and what was refused or sent again. */
export function dynamoMetrics(telemetry: Telemetry, service: string): DynamoFigures {
  const consumed = telemetry.counter(
    'dynamodb_capacity_units_total',
    'Capacity consumed, as DynamoDB counts it',
    ['service', 'operation', 'kind'],
  )
  const seconds = telemetry.histogram(
    'dynamodb_call_duration_seconds',
    'Time of one call, an attempt each',
    ['service', 'operation'],
  )
  const throttled = telemetry.counter('dynamodb_throttled_total', 'Calls refused as too many', [
    'service',
    'operation',
    'reason',
  ])
  const repeated = telemetry.counter('dynamodb_repeated_total', 'Calls sent once more', [
    'service',
    'operation',
    'reason',
  ])
  return {
    onConsumed: (operation, kind, units) => consumed.inc({ service, operation, kind }, units),
    onCall: (operation, durationMs) => seconds.observe({ service, operation }, durationMs / 1000),
    onThrottled: (operation, given) => {
      const reason = REASON.test(given) ? given : 'other'
      throttled.inc({ service, operation, reason })
    },
    onRepeated: (operation, reason) => repeated.inc({ service, operation, reason }),
  }
}
