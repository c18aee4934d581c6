/** The power goes while customers trade: what was acknowledged is on the disk, and the books are whole. */
import { randomInt } from 'node:crypto'
import { createChance } from '@cnop/kit/store/seeded-chance.ts'
import { describe, expect, it } from 'vitest'
import { cutPower, traceLedger } from './cut-power.ts'
import { createDisk } from './power-cut.ts'
import { STRACE, type Step } from './write-trace.ts'

const CUTS = 100
const CONTROL_CUTS = 20
/** Of each customer: the log is copied into the file while they trade. */
const COMMANDS = 100

if (!STRACE) process.stdout.write('There is no strace here: the power of no ledger was cut.\n')

const cutSuite = (): void => {
  it(`loses nothing that was acknowledged, and leaves the books whole, in ${CUTS} cuts`, async () => {
    const seed = randomInt(2 ** 31)
    const cuts = await cutPower(await traceLedger('full', COMMANDS), { cuts: CUTS, seed })
    const harmed = cuts.filter(({ lost, broken }) => lost.length > 0 || broken !== undefined)
    expect(harmed, `seed ${seed}`).toEqual([])
    expect(cuts.at(-1)?.acknowledged).toBeGreaterThan(500)
  })

  it('loses what was acknowledged where a commit waits for no disk', async () => {
    const seed = randomInt(2 ** 31)
    const cuts = await cutPower(await traceLedger('normal', COMMANDS), { cuts: CONTROL_CUTS, seed })
    const lossy = cuts.filter(({ lost }) => lost.length > 0)
    expect(lossy.length, `seed ${seed}`).toBeGreaterThan(CONTROL_CUTS / 4)
    expect(cuts.filter(({ broken }) => broken !== undefined)).toEqual([])
  })
}
if (STRACE) describe('a power cut', { timeout: 600_000 }, cutSuite)

describe('a disk without power', () => {
  const write = (file: string, offset: number, text: string): Step => ({
    ...{ kind: 'write', file, offset },
    bytes: Buffer.from(text),
  })
  const BEGUN: readonly Step[] = [{ kind: 'create', file: 'a' }, { kind: 'sync-folder' }]

  /** Every content that 300 cuts leave in a file; `undefined` where it is not there. */
  function contents(steps: readonly Step[], file = 'a'): Set<string | undefined> {
    const disk = createDisk()
    for (const step of steps) disk.apply(step)
    const chance = createChance(1)
    return new Set(Array.from({ length: 300 }, () => disk.cut(chance).get(file)?.toString()))
  }

  it('holds what a sync has passed, whatever came later', () => {
    const steps = [...BEGUN, write('a', 0, 'safe'), { kind: 'sync', file: 'a' } as const]
    expect(contents([...steps, write('a', 4, '+')])).toEqual(new Set(['safe', 'safe+']))
  })

  it('holds any of the later writes, not only the first', () => {
    const held = contents([...BEGUN, write('a', 0, 'x'), write('a', 1, 'y')])
    expect(held).toEqual(new Set(['', 'x', '\0y', 'xy']))
  })

  it('tears a write between sectors', () => {
    const held = contents([...BEGUN, write('a', 0, '1'.repeat(512) + '2'.repeat(512))])
    expect(held).toContain('1'.repeat(512))
    expect(held).toContain('\0'.repeat(512) + '2'.repeat(512))
  })

  it('may not know a file, or still know it, until its folder is synced', () => {
    const made: readonly Step[] = [{ kind: 'create', file: 'a' }, write('a', 0, 'x')]
    const synced: readonly Step[] = [...made, { kind: 'sync', file: 'a' }]
    expect(contents(synced)).toEqual(new Set([undefined, 'x']))
    expect(contents([...synced, { kind: 'sync-folder' }])).toEqual(new Set(['x']))
    const gone: readonly Step[] = [
      ...synced,
      { kind: 'sync-folder' },
      { kind: 'unlink', file: 'a' },
    ]
    expect(contents(gone)).toEqual(new Set([undefined, 'x']))
  })

  it('may be shorter, or not yet', () => {
    const steps: readonly Step[] = [...BEGUN, write('a', 0, 'long'), { kind: 'sync', file: 'a' }]
    const cut: Step = { kind: 'truncate', file: 'a', size: 2 }
    expect(contents([...steps, cut])).toEqual(new Set(['long', 'lo']))
  })
})
