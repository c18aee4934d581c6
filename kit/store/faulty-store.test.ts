import { expect, test } from 'vitest'
import { commit, key, newToken, put, read, refusalOf } from './conformance/store-case.ts'
import { createFaultyStore, type FaultRates } from './faulty-store.ts'
import { createMemoryStore } from './memory-store.ts'
import { createChance } from './seeded-chance.ts'

const A = key('p', 'a')
const NONE: FaultRates = { lostRequest: 0, lostReply: 0, conflict: 0, throttled: 0, crash: 0 }

function open(rates: Partial<FaultRates>, chance: () => number = () => 0.5) {
  const sound = createMemoryStore({ now: () => 0 })
  const crashes: string[] = []
  const onCrash = () => void crashes.push('crash')
  const faulty = createFaultyStore({ store: sound, chance, rates: { ...NONE, ...rates }, onCrash })
  return { sound, faulty, crashes }
}

test('a lost request applies nothing, and its outcome is unknown', async () => {
  const { sound, faulty } = open({ lostRequest: 1 })
  expect(await refusalOf(commit(faulty, put(A, {})))).toBe('outcome-unknown')
  expect(await read(sound, A)).toBeUndefined()
  expect(faulty.counts).toMatchObject({ lostRequest: 1, lostReply: 0 })
})

test('a lost reply has applied the change, and its outcome is unknown', async () => {
  const { sound, faulty } = open({ lostReply: 1 })
  expect(await refusalOf(commit(faulty, put(A, {})))).toBe('outcome-unknown')
  expect(await read(sound, A)).toStrictEqual({})
  expect(faulty.counts.lostReply).toBe(1)
})

test('a lost reply hides a refusal too', async () => {
  const { faulty } = open({ lostReply: 1 })
  expect(await refusalOf(commit(faulty, put(A, {}, { equals: {} })))).toBe('outcome-unknown')
})

test.each(['conflict', 'throttled'] as const)('%s applies nothing', async (kind) => {
  const { sound, faulty } = open({ [kind]: 1 })
  expect(await refusalOf(commit(faulty, put(A, {})))).toBe(kind)
  expect(await refusalOf(faulty.snapshot([A]))).toBe(kind)
  expect(await read(sound, A)).toBeUndefined()
  expect(faulty.counts[kind]).toBe(2)
})

test('a read that is lost is unavailable, because nothing of it is unknown', async () => {
  const { faulty } = open({ lostRequest: 0.5, lostReply: 0.5 }, createChance(1))
  for (let calls = 0; calls < 10; calls += 1) {
    expect(await refusalOf(faulty.snapshot([A]))).toBe('unavailable')
    expect(await refusalOf(faulty.changes('', 1))).toBe('unavailable')
  }
})

test('a plain read is throttled where a transaction would be in the way', async () => {
  const { faulty } = open({ conflict: 1 })
  expect(await refusalOf(faulty.query('p', { limit: 1 }))).toBe('throttled')
  expect(await refusalOf(faulty.partitions('', 1))).toBe('throttled')
  expect(faulty.counts).toMatchObject({ conflict: 0, throttled: 2 })
})

test.each([
  ['before the change', 0.9, undefined],
  ['after the change', 0.1, {}],
])('a crash %s answers nobody from then on', async (_, moment, left) => {
  const draws = [0, moment]
  const { sound, faulty, crashes } = open({ crash: 0.5 }, () => draws.shift() ?? 0)
  const answered: string[] = []
  for (const call of [() => commit(faulty, put(A, {})), () => faulty.snapshot([A])]) {
    void call().finally(() => answered.push('answered'))
  }
  await new Promise((done) => setTimeout(done, 20))
  expect(answered).toStrictEqual([])
  expect(crashes).toStrictEqual(['crash'])
  expect(await read(sound, A)).toStrictEqual(left)
})

test('without a fault the store answers as it is', async () => {
  const { faulty } = open({})
  await commit(faulty, put(A, { n: 1n }))
  expect(await read(faulty, A)).toStrictEqual({ n: 1n })
  expect(faulty.counts).toStrictEqual(NONE)
})

test('the same seed meets the same faults, about as often as the rates say', async () => {
  const rates = { lostRequest: 0.1, lostReply: 0.1, conflict: 0.1, throttled: 0.1 }
  const meet = async () => {
    const { faulty } = open(rates, createChance(42))
    for (let calls = 0; calls < 1000; calls += 1) await refusalOf(faulty.snapshot([A]))
    return { ...faulty.counts }
  }
  const counts = await meet()
  expect(await meet()).toStrictEqual(counts)
  for (const kind of ['lostRequest', 'lostReply', 'conflict', 'throttled'] as const) {
    expect(counts[kind]).toBeGreaterThan(60)
    expect(counts[kind]).toBeLessThan(140)
  }
})

test('repeating an unknown outcome under its token applies it once', async () => {
  const { sound, faulty } = open({ lostRequest: 0.3, lostReply: 0.3 }, createChance(3))
  for (let n = 0n; n < 50n; n += 1n) {
    const token = newToken()
    const ops = [put(A, { n: n + 1n }, n === 0n ? { absent: true } : { equals: { n } })]
    let outcome = 'outcome-unknown'
    while (outcome === 'outcome-unknown') {
      outcome = await refusalOf(faulty.transact(ops, { token }))
    }
    expect(outcome).toBe('not refused')
  }
  expect(await read(sound, A)).toStrictEqual({ n: 50n })
  expect(faulty.counts.lostReply).toBeGreaterThan(0)
})
