// @vitest-environment happy-dom
import { Problem } from '@cnop/contract/problem.ts'
import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useSecondsLeft } from './problem-note.tsx'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

const wait = (ms: number): void =>
  act(() => {
    vi.advanceTimersByTime(ms)
  })

it('a refusal that says how long to wait is counted down to nothing', () => {
  const problem = new Problem('rate-limited', { retryAfterSeconds: 3 })
  const { result } = renderHook(() => useSecondsLeft(problem))
  expect(result.current).toBe(3)
  wait(1_000)
  expect(result.current).toBe(2)
  wait(2_000)
  expect(result.current).toBe(0)
  wait(5_000)
  expect(result.current).toBe(0)
})

it('the next refusal is counted from its own beginning', () => {
  const first = new Problem('rate-limited', { retryAfterSeconds: 2 })
  const { result, rerender } = renderHook(({ problem }) => useSecondsLeft(problem), {
    initialProps: { problem: first },
  })
  wait(10_000)
  expect(result.current).toBe(0)
  rerender({ problem: new Problem('rate-limited', { retryAfterSeconds: 4 }) })
  expect(result.current).toBe(4)
})

it('a refusal that does not say so makes nobody wait', () => {
  const { result } = renderHook(() => useSecondsLeft(new Problem('asset-halted')))
  expect(result.current).toBe(0)
})
