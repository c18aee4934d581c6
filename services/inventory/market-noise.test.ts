import { expect, test } from 'vitest'
import { createNoisePath } from './market-noise.ts'

const CELL_BITS = 24
const FIRST = Date.UTC(2024, 0, 1) / 1000
const YEARS = 10 * 365 * 86_400

const path = createNoisePath('a seed/market', CELL_BITS)

/** Looks that are spread over ten years, at no regular distance. */
const looks = (count: number): readonly number[] =>
  Array.from(
    { length: count },
    (_, index) => FIRST + Math.floor(((index * 0.6180339887) % 1) * YEARS),
  )

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const positionsAt = (seconds: readonly number[]): readonly number[] =>
  seconds.map((second) => path.at(second).position)

const movesOver = (lag: number, count: number): readonly number[] =>
  looks(count).map((second) => path.at(second + lag).position - path.at(second).position)

test('a path is the same in every instance and in any order of asking', () => {
  const again = createNoisePath('a seed/market', CELL_BITS)
  const seconds = looks(1000)
  const backwards = seconds.toReversed().map((second) => again.at(second))
  expect(seconds.map((second) => path.at(second))).toEqual(backwards.toReversed())
})

test('another name is another path, without likeness', () => {
  const other = createNoisePath('another seed/market', CELL_BITS)
  const products = looks(4000).map(
    (second) =>
      (path.at(second + 3600).position - path.at(second).position) *
      (other.at(second + 3600).position - other.at(second).position),
  )
  const variance = mean(movesOver(3600, 4000).map((move) => move ** 2))
  expect(Math.abs(mean(products)) / variance).toBeLessThan(0.1)
})

test.each([1, 60, 3600, 86_400, 7 * 86_400])(
  'over %i s the path spreads as Brownian motion does',
  (lag) => {
    const variance = mean(movesOver(lag, 40_000).map((move) => move ** 2))
    expect(variance / (lag / 2 ** CELL_BITS)).toBeGreaterThan(0.9)
    expect(variance / (lag / 2 ** CELL_BITS)).toBeLessThan(1.1)
  },
)

test('the position neither drifts nor spreads in the long run', () => {
  for (const start of [0, FIRST, FIRST + 20 * YEARS]) {
    const positions = Array.from({ length: 400 }, (_, index) => path.at(start + index * 2 ** 23))
    const values = positions.map((point) => point.position)
    expect(Math.abs(mean(values))).toBeLessThan(0.12)
    expect(mean(values.map((value) => value ** 2))).toBeGreaterThan(0.4)
    expect(mean(values.map((value) => value ** 2))).toBeLessThan(0.6)
  }
})

test('small moves have fat tails and come in clusters, those of a month do not', () => {
  const kurtosis = (moves: readonly number[]): number =>
    mean(moves.map((move) => move ** 4)) / mean(moves.map((move) => move ** 2)) ** 2
  expect(kurtosis(movesOver(60, 40_000))).toBeGreaterThan(5)
  expect(kurtosis(movesOver(30 * 86_400, 40_000))).toBeLessThan(4)

  const seconds = looks(40_000)
  const squares = (offset: number): readonly number[] =>
    seconds.map((second) => {
      const from = second + offset
      return (path.at(from + 60).position - path.at(from).position) ** 2
    })
  const now = squares(0)
  const next = squares(60)
  const product = mean(now.map((square, index) => square * next[index]!))
  expect(product / mean(now) / mean(next)).toBeGreaterThan(1.5)
})

test('a move says nothing about the direction of the next', () => {
  const seconds = looks(40_000)
  for (const lag of [1, 60, 3600]) {
    const products = seconds.map((second) => {
      const middle = path.at(second + lag).position
      return (middle - path.at(second).position) * (path.at(second + 2 * lag).position - middle)
    })
    const variance = mean(movesOver(lag, 40_000).map((move) => move ** 2))
    expect(Math.abs(mean(products)) / variance).toBeLessThan(0.05)
  }
})

test('trading time never stands still and keeps pace with the clock', () => {
  const points = Array.from({ length: 20_000 }, (_, index) => path.at(FIRST + index).tradedSeconds)
  for (const [index, point] of points.slice(1).entries())
    expect(point).toBeGreaterThan(points[index]!)
  const passed = path.at(FIRST + YEARS).tradedSeconds - path.at(FIRST).tradedSeconds
  expect(passed / YEARS).toBeGreaterThan(0.97)
  expect(passed / YEARS).toBeLessThan(1.03)
})

test('there is no seam at the borders of cells, nor at 2^31 seconds', () => {
  const stride = Math.sqrt(1 / 2 ** CELL_BITS)
  for (const border of [2 ** 31, 100 * 2 ** CELL_BITS, 101 * 2 ** CELL_BITS]) {
    const positions = positionsAt(Array.from({ length: 64 }, (_, index) => border - 32 + index))
    for (const [index, position] of positions.slice(1).entries())
      expect(Math.abs(position - positions[index]!)).toBeLessThan(25 * stride)
  }
})
