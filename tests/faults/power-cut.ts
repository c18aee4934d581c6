/**
 * What a disk may hold after a power cut, from the trace of what was written to it. What a sync has
 * passed is there. What came later to a file is there whole, not at all, up to some write, as any
 * subset of the writes, or torn between sectors; a file's length, and its making and going, likewise.
 */
import type { Step } from './write-trace.ts'

/** The files that are there, by name. */
export type Image = ReadonlyMap<string, Buffer>

type Change = Extract<Step, { kind: 'write' | 'truncate' }>

type DiskFile = {
  durable: Buffer
  readonly pending: Change[]
}

export type Disk = {
  apply(step: Step): void
  /** What may be there if the power goes now. */
  cut(chance: () => number): Image
}

export function createDisk(): Disk {
  const files = new Map<string, DiskFile>()
  /** Names that a sync of the folder has passed, and what came later, in order. */
  const named = new Set<string>()
  const renamed: Extract<Step, { kind: 'create' | 'unlink' }>[] = []
  const name = (names: Set<string>, { kind, file }: (typeof renamed)[number]): void => {
    if (kind === 'create') names.add(file)
    else names.delete(file)
  }

  return {
    apply(step) {
      switch (step.kind) {
        case 'write':
        case 'truncate':
          files.get(step.file)?.pending.push(step)
          break
        case 'sync':
          settle(files.get(step.file))
          break
        case 'create':
          // A new file of an old name may, until the next sync, still be the old one.
          files.set(step.file, { durable: Buffer.alloc(0), pending: [] })
          renamed.push(step)
          break
        case 'unlink':
          renamed.push(step)
          break
        case 'sync-folder':
          for (const change of renamed.splice(0)) name(named, change)
      }
    },
    cut(chance) {
      const names = new Set(named)
      for (const change of renamed.slice(0, Math.floor(chance() * (renamed.length + 1))))
        name(names, change)
      return new Map(
        [...names].flatMap((file) => {
          const found = files.get(file)
          return found === undefined ? [] : [[file, afterCut(found, chance)] as const]
        }),
      )
    },
  }
}

function settle(file: DiskFile | undefined): void {
  if (file !== undefined) file.durable = file.pending.splice(0).reduce(changed, file.durable)
}

/** The content after a change; grows with room to spare, because a log grows by pages. */
function changed(content: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') return resized(content, change.size)
  const { offset, bytes } = change
  const grown =
    offset + bytes.length > content.length ? resized(content, offset + bytes.length) : content
  bytes.copy(grown, offset)
  return grown
}

function resized(content: Buffer, size: number): Buffer {
  if (size <= content.length) return content.subarray(0, size)
  const room = content.buffer.byteLength - content.byteOffset
  if (size <= room) {
    const grown = Buffer.from(content.buffer, content.byteOffset, size)
    return grown.fill(0, content.length)
  }
  const larger = Buffer.from(new ArrayBuffer(size * 2), 0, size)
  content.copy(larger)
  return larger
}

const SECTORS = [512, 4096] as const

function afterCut({ durable, pending }: DiskFile, chance: () => number): Buffer {
  const content = Buffer.from(durable)
  return surviving(pending, chance).reduce(changed, content)
}

function surviving(pending: readonly Change[], chance: () => number): readonly Change[] {
  switch (Math.floor(chance() * 5)) {
    case 0:
      return []
    case 1:
      return pending
    case 2:
      return pending.slice(0, Math.floor(chance() * (pending.length + 1)))
    case 3:
      return pending.filter(() => chance() < 0.5)
    default: {
      const sector = SECTORS[Math.floor(chance() * SECTORS.length)] ?? 512
      return pending.flatMap((change) => torn(change, sector, chance))
    }
  }
}

/** The sectors of a write that have arrived: each for itself. */
function torn(change: Change, sector: number, chance: () => number): readonly Change[] {
  if (change.kind === 'truncate') return chance() < 0.5 ? [change] : []
  const { file, offset, bytes } = change
  const parts: Change[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + sector - ((offset + at) % sector))
    if (chance() < 0.5)
      parts.push({ kind: 'write', file, offset: offset + at, bytes: bytes.subarray(at, end) })
    at = end
  }
  return parts
}
