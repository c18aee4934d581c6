import { expect, it } from 'vitest'
import { createIds } from './ids.ts'

it('rises with every call, also within a millisecond and when the clock stands still', () => {
  const next = createIds(() => 1_800_000_000_000)
  const ids = Array.from({ length: 10_000 }, next)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id))).toBe(true)
})

it('gives two makers different identifiers in the same millisecond', () => {
  const now = () => 1_800_000_000_000
  const left = createIds(now)
  const right = createIds(now)
  const ids = Array.from({ length: 1_000 }, () => [left(), right()]).flat()
  expect(new Set(ids).size).toBe(ids.length)
})
