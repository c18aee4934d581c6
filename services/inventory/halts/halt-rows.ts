/** The halted assets in one row that every tick reads, and the audit trail: one row an event. */
import type { Key, KeyedRow, Op, Row } from '@cnop/kit/store/store.ts'
import type { Halt, HaltDecision, HaltEvent, Halts } from './decide-halts.ts'

export const HALTS_KEY: Key = { pk: 'M#market', sk: 'HALTS' }
export const HALT_TRAIL = 'H#trail'
export const TRAIL_SEPARATOR = '#'
const VERSION_DIGITS = 16

type StoredHalt = { readonly cause: Halt['cause']; level?: string; calm_ticks?: number }

export function readHalts(row: Row | undefined): Halts {
  if (row === undefined) return { version: 0n, byAsset: new Map() }
  const stored = JSON.parse(row['halted'] as string) as Record<string, StoredHalt>
  const byAsset = new Map(
    Object.entries(stored).map(([assetId, halt]) => [assetId, haltOf(halt)] as const),
  )
  return { version: row['version'] as bigint, byAsset }
}

/**
 * What a decision about halts writes: nothing, or the row and its events. The sort key of an event
 * is the version it made and the asset, so the trail is in order and nothing is written over.
 */
export function haltOps(
  before: Halts,
  { halts, changed, events }: HaltDecision,
  atMs: number,
): readonly Op[] {
  if (!changed) return []
  const when =
    before.version === 0n ? { absent: true as const } : { equals: { version: before.version } }
  return [
    { kind: 'put', key: HALTS_KEY, row: haltsRow(halts), when },
    ...events.map(
      (event): Op => ({
        kind: 'put',
        key: { pk: HALT_TRAIL, sk: trailKey(halts.version, event.assetId) },
        row: eventRow(event, atMs),
        when: { absent: true },
      }),
    ),
  ]
}

export type RecordedHaltEvent = HaltEvent & { readonly atMs: number }

export const readHaltEvent = ({ row }: KeyedRow): RecordedHaltEvent => ({
  assetId: row['asset'] as string,
  halted: row['halted'] as boolean,
  actor: row['actor'] as string,
  reason: row['reason'] as string,
  atMs: Number(row['at']),
})

const trailKey = (version: bigint, assetId: string): string =>
  `${version.toString().padStart(VERSION_DIGITS, '0')}${TRAIL_SEPARATOR}${assetId}`

const eventRow = ({ assetId, halted, actor, reason }: HaltEvent, atMs: number): Row => ({
  asset: assetId,
  halted,
  actor,
  reason,
  at: BigInt(atMs),
})

function haltsRow({ version, byAsset }: Halts): Row {
  const stored: Record<string, StoredHalt> = {}
  for (const [assetId, halt] of byAsset) {
    stored[assetId] =
      halt.cause === 'jump'
        ? { cause: halt.cause, level: halt.level.toString(), calm_ticks: halt.calmTicks }
        : { cause: halt.cause }
  }
  return { version, halted: JSON.stringify(stored) }
}

function haltOf({ cause, level = '0', calm_ticks = 0 }: StoredHalt): Halt {
  return cause === 'jump' ? { cause, level: BigInt(level), calmTicks: calm_ticks } : { cause }
}
