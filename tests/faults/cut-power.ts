/** Cuts the power of a traced ledger again and again, and looks at what each disk then holds. */
import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { openSqliteStore } from '@cnop/kit/store/sqlite-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { auditStore } from '@cnop/services/order/audit/audit-store.ts'
import { idempotencyKey, loadKeptAnswer } from '@cnop/services/order/ledger/idempotency-rows.ts'
import { eventKey, loadEvent } from '@cnop/services/order/ledger/journal-rows.ts'
import { NOON } from '@cnop/services/order/testing/test-ledger.ts'
import { createDisk, type Image } from './power-cut.ts'
import { type Step, traceWrites } from './write-trace.ts'

const PROGRAM = join(import.meta.dirname, 'traced-ledger.ts')
const FILE = 'order.db'

/** Writes of eight customers, with two logs copied into the file, an end and a second start. */
export const traceLedger = (mode: 'full' | 'normal', commands: number): Promise<readonly Step[]> =>
  traceWrites(PROGRAM, FILE, [mode, String(commands)])

export type Cut = {
  readonly acknowledged: number
  /** Keys that were answered and are not there, or not with that answer. */
  readonly lost: readonly string[]
  /** What the audit, or the start, had to say. */
  readonly broken: string | undefined
}

/** Cuts at so many moments, drawn evenly over all steps. */
export async function cutPower(
  steps: readonly Step[],
  { cuts, seed }: { readonly cuts: number; readonly seed: number },
): Promise<readonly Cut[]> {
  const chance = createChance(seed)
  const moments = Array.from({ length: cuts }, () => Math.floor(chance() * steps.length)).sort(
    (left, right) => left - right,
  )
  const disk = createDisk()
  const acknowledged: string[] = []
  const told: Cut[] = []
  let next = 0
  for (const moment of moments) {
    for (; next < moment; next += 1) {
      const step = steps[next]
      if (step?.kind === 'said') acknowledged.push(step.text.trim())
      else if (step !== undefined) disk.apply(step)
    }
    told.push(await lookAt(disk.cut(chance), acknowledged))
  }
  return told
}

async function lookAt(image: Image, acknowledged: readonly string[]): Promise<Cut> {
  const folder = mkdtempSync(join(tmpdir(), 'cnop-cut-'))
  try {
    for (const [name, bytes] of image) writeFileSync(join(folder, name), bytes)
    const store = openSqliteStore({
      file: join(folder, FILE),
      now: () => NOON,
      onFatal: (error) => {
        throw error
      },
    })
    try {
      const { broken } = await auditStore({ store, nowMs: NOON })
      const lost = await lostOf(store, acknowledged)
      return { acknowledged: acknowledged.length, lost, broken: broken && JSON.stringify(broken) }
    } finally {
      await store.close()
    }
  } catch (error) {
    return { acknowledged: acknowledged.length, lost: [], broken: String(error) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const KEYS = 100

async function lostOf(store: Store, acknowledged: readonly string[]): Promise<string[]> {
  const lost: string[] = []
  for (let start = 0; start < acknowledged.length; start += KEYS) {
    const lines = acknowledged.slice(start, start + KEYS).map((line) => line.split(' '))
    const kept = await store.snapshot(
      lines.map(([userId = '', key = '']) => idempotencyKey(userId, key)),
    )
    for (const [index, row] of kept.entries()) {
      const [userId = '', key = '', status, bodyHash] = lines[index] ?? []
      const answer = row && (await answerOf(store, userId, loadKeptAnswer(row)))
      const whole =
        answer !== undefined &&
        String(answer.status) === status &&
        hash('sha256', answer.body) === bodyHash
      if (!whole) lost.push(key)
    }
  }
  return lost
}

async function answerOf(store: Store, userId: string, kept: ReturnType<typeof loadKeptAnswer>) {
  if (!('seq' in kept)) return kept
  const [row] = await store.snapshot([eventKey(userId, kept.seq)])
  return row && loadEvent(row)
}
