/**
 * Work that one of several processes does: a row says whose turn it is, and an epoch that rises with
 * every change of hands. Whoever holds the lease carries its epoch into the commit of every effect;
 * one that was paused and wakes finds the epoch moved on, and changes nothing.
 *
 * Time decides only when somebody else may try: a lease whose beat was not seen to change for a whole
 * term, by the watcher's own clock, is free. No two clocks are ever compared.
 */
import { randomUUID } from 'node:crypto'
import { textIn, unitsIn } from './row-fields.ts'
import { type Key, type Op, type Row, type Store, StoreFault } from './store.ts'

export type Grip = {
  readonly epoch: bigint
  /** The row that says so: read with every snapshot that a decision is made from. */
  readonly key: Key
  /** Part of every commit: refuses it when the lease has changed hands. */
  readonly fence: Op
  /** Whether the row still says so. */
  holds(row: Row | undefined): boolean
}

export type Lease = {
  /**
   * To be called a few times in each term, by who wants it and by who has it. `undefined` while
   * another has it. Throws what the store throws; then nobody knows, and the fence decides.
   */
  hold(): Promise<Grip | undefined>
  /** Lets the next one have it at once. */
  release(): Promise<void>
}

export type LeaseParts = {
  readonly store: Store
  /** What it is for. */
  readonly name: string
  /** This process, by a name that no other one ever had. */
  readonly owner: string
  /** Milliseconds of a clock that is never set. */
  readonly elapsedMs: () => number
  readonly termMs: number
}

type Held = { readonly owner: string; readonly epoch: bigint; readonly beat: bigint }

const FREE = ''
const NEVER: Held = { owner: FREE, epoch: 0n, beat: 0n }

export function createLease(parts: LeaseParts): Lease {
  const { store, name, owner, elapsedMs, termMs } = parts
  const key: Key = { pk: `L#${name}`, sk: 'LEASE' }
  let seen: { readonly held: Held; readonly atMs: number } | undefined

  /** Since when the row has not changed, as far as this process can know. */
  function unchangedMs(held: Held): number {
    if (seen === undefined || !same(seen.held, held)) seen = { held, atMs: elapsedMs() }
    return elapsedMs() - seen.atMs
  }

  async function write(before: Held, after: Held): Promise<boolean> {
    const when = before.epoch === 0n ? ({ absent: true } as const) : { equals: rowOf(before) }
    try {
      await store.transact([{ kind: 'put', key, row: rowOf(after), when }], { token: randomUUID() })
      return true
    } catch (error) {
      if (isLostRace(error)) return false
      throw error
    }
  }

  async function read(): Promise<Held> {
    const [row] = await store.snapshot([key])
    return row === undefined ? NEVER : heldIn(row)
  }

  return {
    async hold() {
      const held = await read()
      const mine = held.owner === owner
      const idleMs = unchangedMs(held)
      if (!mine && held.owner !== FREE && idleMs < termMs) return undefined
      const epoch = mine ? held.epoch : held.epoch + 1n
      const next = { owner, epoch, beat: held.beat + 1n }
      return (await write(held, next)) ? gripOf(key, epoch) : undefined
    },
    async release() {
      const held = await read()
      if (held.owner === owner) await write(held, { ...held, owner: FREE, beat: held.beat + 1n })
    },
  }
}

function gripOf(key: Key, epoch: bigint): Grip {
  return {
    epoch,
    key,
    fence: { kind: 'check', key, when: { equals: { epoch } } },
    holds: (row) => row !== undefined && heldIn(row).epoch === epoch,
  }
}

const rowOf = ({ owner, epoch, beat }: Held): Row => ({ owner, epoch, beat })

const heldIn = (row: Row): Held => ({
  owner: textIn(row, 'owner'),
  epoch: unitsIn(row, 'epoch'),
  beat: unitsIn(row, 'beat'),
})

const same = (one: Held, other: Held): boolean =>
  one.owner === other.owner && one.epoch === other.epoch && one.beat === other.beat

const isLostRace = (error: unknown): boolean =>
  error instanceof StoreFault &&
  (error.code === 'condition-failed' || error.code === 'conflict' || error.code === 'throttled')
