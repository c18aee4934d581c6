import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRecentMap } from './recent-map.ts'

const MAX = 8

const aKey = fc.constantFrom(...'abcdefghijklmnop')
const aUse = fc.record({ key: aKey, value: fc.option(fc.nat(), { freq: 2 }) })

it('gives what was set last or nothing, and for the keys used last never nothing', () => {
  const lookUpOrSet = (steps: readonly { key: string; value: number | null }[]): void => {
    const recent = createRecentMap<number>(MAX)
    /** In the order of the last use. */
    const model = new Map<string, number>()
    for (const { key, value } of steps) {
      const certain = [...model.keys()].slice(-MAX / 2).includes(key)
      const known = model.get(key)
      const found = recent.get(key)
      expect(certain ? [known] : [known, undefined]).toContain(found)
      const kept = value ?? found
      if (value !== null) recent.set(key, value)
      model.delete(key)
      if (kept !== undefined) model.set(key, kept)
    }
  }
  fc.assert(fc.property(fc.array(aUse, { maxLength: 200, size: 'max' }), lookUpOrSet))
})

it('knows nothing of what was deleted, in either generation', () => {
  const recent = createRecentMap<number>(1000)
  recent.set('a', 1)
  recent.turn()
  recent.set('a', 2)
  recent.delete('a')
  expect(recent.get('a')).toBe(undefined)
})

it.each([1, 2, 3, 8, 9])('keeps no more than %i', (entriesMax) => {
  for (let count = 0; count < 40; count += 1) {
    const keys = [...Array(count).keys()].map(String)
    // Each is asked for in a map of its own, since to ask is to use.
    const known = keys.filter((key) => {
      const recent = createRecentMap<string>(entriesMax)
      for (const each of keys) recent.set(each, each)
      return recent.get(key) === key
    })
    expect(known.length).toBeLessThanOrEqual(entriesMax)
  }
})

it('at a turn, forgets what was not used since the one before', () => {
  const recent = createRecentMap<number>(1000)
  for (const [value, each] of ['a', 'b'].entries()) recent.set(each, value)
  recent.turn()
  expect(recent.get('a')).toBe(0)
  recent.turn()
  expect([recent.get('a'), recent.get('b')]).toEqual([0, undefined])
})

it('knows nothing after it was cleared', () => {
  const recent = createRecentMap<number>(1000)
  recent.set('a', 1)
  recent.turn()
  recent.set('b', 2)
  recent.clear()
  expect([recent.get('a'), recent.get('b')]).toEqual([undefined, undefined])
})
