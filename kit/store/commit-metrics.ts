/** What the commits of a store come to, as metrics. */
import type { Telemetry } from '../telemetry.ts'
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
