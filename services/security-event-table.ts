/** Security events as a table for a terminal, a line each. */
import type { SecurityEvent } from '@cnop/contract/security-log.ts'

const HEADINGS = ['time (UTC)', 'event', 'outcome', 'who', 'address', 'request', 'detail'] as const

export function securityEventTable(events: readonly SecurityEvent[]): string {
  if (events.length === 0) return 'Nothing of this kind happened.'
  const lines = [HEADINGS, ...events.map(cellsOf)]
  const widths = HEADINGS.map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  )
  return lines
    .map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

const cellsOf = (event: SecurityEvent): readonly string[] =>
  [
    event.at.replace('T', ' ').replace('Z', ''),
    event.kind,
    event.outcome,
    [event.actor, event.user_id].filter((name) => name !== undefined).join(' ') || '-',
    event.address ?? '-',
    event.request_id,
    event.detail ?? '',
  ].map(printable)

/** What came from outside must not steer the terminal of the operator. */
const printable = (text: string): string => text.replace(/\p{C}/gu, '\uFFFD')
