import { expect } from 'vitest'
import type { Row, Store } from '../store.ts'
import {
  CONTENDED,
  commit,
  IN_THE_WAY,
  key,
  newToken,
  put,
  read,
  refusalOf,
  remove,
  retried,
  type StoreCase,
  times,
  update,
} from './store-case.ts'

const A = key('p', 'a')
const B = key('q', 'b')

/** Reads, changes and writes back under the condition that nobody came between. */
async function change(store: Store, at: typeof A, decide: (n: bigint) => bigint): Promise<void> {
  await retried(CONTENDED, async () => {
    const n = numberOf(await read(store, at))
    await commit(store, put(at, { n: decide(n) }, { equals: { n } }))
  })
}

function numberOf(row: Row | undefined): bigint {
  return row?.['n'] as bigint
}

/** How many were not refused, and how the others were. */
async function outcomes(calls: readonly Promise<void>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const refusal of await Promise.all(calls.map(refusalOf))) {
    counts[refusal] = (counts[refusal] ?? 0) + 1
  }
  return counts
}

export const CONCURRENCY_CASES: readonly StoreCase[] = [
  {
    title: 'of 50 increments at once none is lost',
    async run({ unheard, note }) {
      await commit(unheard, put(A, { n: 0n }))
      await Promise.all(times(50, () => change(unheard, A, (n) => n + 1n)))
      expect(await read(unheard, A)).toStrictEqual({ n: 50n })
      note('50')
    },
  },
  {
    title: 'of 20 rows put at once where none may be, one is',
    async run({ unheard, note }) {
      const calls = times(20, (index) =>
        retried(IN_THE_WAY, () => commit(unheard, put(A, { n: BigInt(index) }, { absent: true }))),
      )
      expect(await outcomes(calls)).toStrictEqual({ 'not refused': 1, 'condition-failed 0': 19 })
      note('one of 20')
    },
  },
  {
    title: 'transactions on different rows do not hinder each other',
    async run({ unheard, note }) {
      const keys = times(40, (index) => key(`p${index}`, 'x'))
      await Promise.all(keys.map((at) => commit(unheard, put(at, { n: 1n }, { absent: true }))))
      expect(await unheard.snapshot(keys)).toStrictEqual(keys.map(() => ({ n: 1n })))
      note('40 of 40')
    },
  },
  {
    title: 'a refused transaction among many leaves no trace and takes no other with it',
    async run({ unheard, note }) {
      await commit(unheard, put(A, { n: 1n }))
      const calls = times(30, (index) => {
        const own = put(key('own', String(index)), { n: 1n })
        const doomed = put(key('doomed', String(index)), {}, { equals: { n: 1n } })
        return commit(unheard, ...(index % 3 === 0 ? [own, doomed] : [own]))
      })
      expect(await outcomes(calls)).toStrictEqual({ 'not refused': 20, 'condition-failed 1': 10 })
      const rows = await unheard.snapshot(times(30, (index) => key('own', String(index))))
      expect(rows.map((row) => row !== undefined)).toStrictEqual(
        times(30, (index) => index % 3 !== 0),
      )
      expect(await unheard.query('doomed', { limit: 1 })).toMatchObject({ rows: [] })
      note('20 of 30')
    },
  },
  {
    title: 'moves between two rows at once keep their sum',
    async run({ unheard, note }) {
      await commit(unheard, put(A, { n: 100n }), put(B, { n: 100n }))
      await Promise.all(
        times(30, (index) =>
          retried(CONTENDED, async () => {
            const [a, b] = (await unheard.snapshot([A, B])).map(numberOf) as [bigint, bigint]
            const moved = BigInt(index) - 15n
            await commit(
              unheard,
              put(A, { n: a - moved }, { equals: { n: a } }),
              put(B, { n: b + moved }, { equals: { n: b } }),
            )
          }),
        ),
      )
      const [a, b] = (await unheard.snapshot([A, B])).map(numberOf) as [bigint, bigint]
      expect([a, b]).toStrictEqual([115n, 85n])
      note(`${a} ${b}`)
    },
  },
  {
    title: 'a snapshot never shows half of a transaction',
    async run({ unheard, note }) {
      await commit(unheard, put(A, { n: 0n }), put(B, { n: 0n }))
      const writer = async () => {
        for (let n = 1n; n <= 30n; n += 1n) {
          await retried(IN_THE_WAY, () => commit(unheard, put(A, { n }), put(B, { n })))
        }
      }
      const reader = async () => {
        for (const _ of times(30, () => 0)) {
          const [a, b] = (await retried(IN_THE_WAY, () => unheard.snapshot([A, B]))).map(numberOf)
          expect(a).toBe(b)
        }
      }
      await Promise.all([writer(), reader(), reader(), reader()])
      note('30 pairs')
    },
  },
  {
    title: 'updates of different fields of one row at once all remain',
    async run({ unheard, note }) {
      const names = times(20, (index) => `f${index}`)
      await Promise.all(
        names.map((name) =>
          retried(IN_THE_WAY, () => commit(unheard, update(A, { [name]: true }))),
        ),
      )
      expect(await read(unheard, A)).toStrictEqual(
        Object.fromEntries(names.map((name) => [name, true])),
      )
      note('20 fields')
    },
  },
  {
    title: 'of 20 takers at once as many succeed as there is to take',
    async run({ unheard, note }) {
      await commit(unheard, put(A, { n: 5n }))
      const take = async (): Promise<boolean> => {
        const n = numberOf(await read(unheard, A))
        if (n === 0n) return false
        await commit(unheard, put(A, { n: n - 1n }, { equals: { n }, atLeast: { n: 1n } }))
        return true
      }
      const taken = await Promise.all(times(20, () => retried(CONTENDED, take)))
      expect(taken.filter(Boolean)).toHaveLength(5)
      expect(await read(unheard, A)).toStrictEqual({ n: 0n })
      note('5 of 20')
    },
  },
  {
    title: 'one token sent many times at once is applied once',
    async run({ unheard, note }) {
      const token = newToken()
      const ops = [put(A, { n: 1n }, { absent: true })]
      const calls = times(20, () => retried(IN_THE_WAY, () => unheard.transact(ops, { token })))
      expect(await outcomes(calls)).toStrictEqual({ 'not refused': 20 })
      expect(await read(unheard, A)).toStrictEqual({ n: 1n })
      note('20 answers')
    },
  },
  {
    title: 'a row deleted and updated at once is either gone or as the update left it',
    async run({ unheard, note }) {
      for (const index of times(10, (count) => count)) {
        const at = key('p', String(index))
        await commit(unheard, put(at, { n: 1n }))
        const calls = [
          retried(IN_THE_WAY, () => commit(unheard, remove(at, { equals: { n: 1n } }))),
          retried(IN_THE_WAY, () => commit(unheard, update(at, { n: 2n }, { equals: { n: 1n } }))),
        ]
        const [removed] = await Promise.all(calls.map(refusalOf))
        const left = removed === 'not refused' ? undefined : { n: 2n }
        expect(await read(unheard, at)).toStrictEqual(left)
      }
      note('10 of 10')
    },
  },
  {
    title: 'what was begun before closing is finished, and nothing after it',
    async run({ unheard, note }) {
      const begun = commit(unheard, put(A, { n: 1n }))
      await begun
      await unheard.close()
      const refusals = [
        await refusalOf(commit(unheard, put(B, { n: 1n }))),
        await refusalOf(unheard.snapshot([A])),
        await refusalOf(unheard.query('p', { limit: 1 })),
        await refusalOf(unheard.changes('', 1)),
        await refusalOf(unheard.partitions('', 1)),
      ]
      expect(refusals).toStrictEqual(refusals.map(() => 'unavailable'))
      note(refusals.join())
    },
  },
  {
    title: 'closing twice is closing',
    async run({ unheard, note }) {
      await unheard.close()
      await unheard.close()
      note('closed')
    },
  },
]
