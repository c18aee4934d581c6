/**
 * When an asset stops trading and when it trades again. A price that jumps in one tick is more
 * often a broken source than a market: trading waits until the new level has held for three ticks,
 * or until the operator says so. What the operator halts only the operator releases.
 */
import { formatPrice } from '@cnop/contract/money.ts'

export type Halt =
  | { readonly cause: 'operator' }
  /** `level` is where the price went; `calmTicks` in a row have stayed near it. */
  | { readonly cause: 'jump'; readonly level: bigint; readonly calmTicks: number }

/** The assets that are halted. The version rises with every change. */
export type Halts = { readonly version: bigint; readonly byAsset: ReadonlyMap<string, Halt> }

/** One line of the audit trail, without its time. */
export type HaltEvent = {
  readonly assetId: string
  readonly halted: boolean
  readonly actor: string
  readonly reason: string
}

export type HaltDecision = {
  readonly halts: Halts
  /** Whether `halts` differs from what was given. */
  readonly changed: boolean
  readonly events: readonly HaltEvent[]
}

export type Move = { readonly from: bigint; readonly to: bigint }

/** Who halts and releases by the rule below. */
export const MARKET_ACTOR = 'market'
const JUMP_PERCENT = 30n
const CALM_PERCENT = 5n
const CALM_TICKS = 3

/** The moves of one tick, each from the last known price of its asset to the new one. */
export function decideJumpHalts(halts: Halts, moves: ReadonlyMap<string, Move>): HaltDecision {
  const byAsset = new Map(halts.byAsset)
  const events: HaltEvent[] = []
  let changed = false
  for (const [assetId, move] of moves) {
    const before = byAsset.get(assetId)
    const after = haltAfter(before, move)
    if (after === before) continue
    changed = true
    if (after) byAsset.set(assetId, after)
    else byAsset.delete(assetId)
    if (!before || !after) events.push(eventOf(assetId, move, after))
  }
  return { halts: changed ? { version: halts.version + 1n, byAsset } : halts, changed, events }
}

/** What the operator says holds; repeated, it is recorded again with its reason. */
export function decideOperatorHalt(halts: Halts, event: HaltEvent): HaltDecision {
  if (!event.halted && !halts.byAsset.has(event.assetId))
    return { halts, changed: false, events: [] }
  const byAsset = new Map(halts.byAsset)
  if (event.halted) byAsset.set(event.assetId, { cause: 'operator' })
  else byAsset.delete(event.assetId)
  return { halts: { version: halts.version + 1n, byAsset }, changed: true, events: [event] }
}

function haltAfter(halt: Halt | undefined, { from, to }: Move): Halt | undefined {
  if (halt?.cause === 'operator') return halt
  if (halt === undefined) {
    const jumped = distance(from, to) * 100n >= from * JUMP_PERCENT
    return jumped ? { cause: 'jump', level: to, calmTicks: 0 } : undefined
  }
  const calm = distance(halt.level, to) * 100n <= halt.level * CALM_PERCENT
  if (!calm) return { cause: 'jump', level: to, calmTicks: 0 }
  const calmTicks = halt.calmTicks + 1
  return calmTicks < CALM_TICKS ? { ...halt, calmTicks } : undefined
}

function eventOf(assetId: string, { from, to }: Move, halt: Halt | undefined): HaltEvent {
  const reason = halt
    ? `The price went from ${formatPrice(from)} to ${formatPrice(to)} in one tick.`
    : `The price held at ${formatPrice(to)} for ${CALM_TICKS} ticks.`
  return { assetId, halted: halt !== undefined, actor: MARKET_ACTOR, reason }
}

const distance = (left: bigint, right: bigint): bigint =>
  left > right ? left - right : right - left
