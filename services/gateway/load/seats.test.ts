import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSeats } from './seats.ts'

test('a party has so many seats and no more, and others have theirs', () => {
  const seats = createSeats(2)
  const leave = seats.take('alice')
  expect([seats.take('alice') !== undefined, seats.take('alice')]).toEqual([true, undefined])
  expect(seats.take('bob')).toBeTypeOf('function')
  leave?.()
  expect(seats.take('alice')).toBeTypeOf('function')
})

test('a seat is given back once, however often that is said', () => {
  const SEATS = 3
  fc.assert(
    fc.property(fc.array(fc.nat(SEATS)), (steps) => {
      const seats = createSeats(SEATS)
      const sitting: (() => void)[] = []
      const gone: (() => void)[] = []
      for (const step of steps) {
        gone.push(...sitting.splice(step, 1))
        for (const leave of [...gone, ...gone]) leave()
        const leave = seats.take('alice')
        expect(leave !== undefined).toBe(sitting.length < SEATS)
        if (leave !== undefined) sitting.push(leave)
      }
    }),
  )
})
