/**
 * Candle blocks of hours that have ended, until they are stored: a few assets with each tick, so
 * that no tick has to wait for an hour of all assets. What is lost with the process is folded
 * again from the ticks.
 */
import type { CandleBlock, CandleLevel } from './candle-rows.ts'

export type FoldQueue = {
  add(assetId: string, blocks: readonly CandleBlock[]): void
  /** The blocks of the assets that have waited longest. */
  next(assetsMax: number): readonly WaitingBlocks[]
  /** Forgets what is stored now, unless a newer block has taken its place. */
  stored(batch: readonly WaitingBlocks[]): void
  blocksOf(assetId: string, level: CandleLevel): readonly CandleBlock[]
  readonly size: number
  clear(): void
}

export type WaitingBlocks = { readonly assetId: string; readonly blocks: readonly CandleBlock[] }

export function createFoldQueue(): FoldQueue {
  const waiting = new Map<string, readonly CandleBlock[]>()
  return {
    add(assetId, blocks) {
      if (blocks.length === 0) return
      const older = (waiting.get(assetId) ?? []).filter(
        (block) => !blocks.some((newer) => sameBlock(newer, block)),
      )
      waiting.set(assetId, [...older, ...blocks])
    },
    next: (assetsMax) =>
      [...waiting].slice(0, assetsMax).map(([assetId, blocks]) => ({ assetId, blocks })),
    stored(batch) {
      for (const { assetId, blocks } of batch) {
        const left = (waiting.get(assetId) ?? []).filter((block) => !blocks.includes(block))
        if (left.length > 0) waiting.set(assetId, left)
        else waiting.delete(assetId)
      }
    },
    blocksOf: (assetId, level) =>
      (waiting.get(assetId) ?? []).filter((block) => block.level === level),
    get size() {
      return waiting.size
    },
    clear: () => waiting.clear(),
  }
}

const sameBlock = (left: CandleBlock, right: CandleBlock): boolean =>
  left.level === right.level && left.startMs === right.startMs
