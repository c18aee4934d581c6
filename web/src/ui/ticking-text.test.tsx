// @vitest-environment happy-dom
import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Ticking, TickingText } from './ticking-text.tsx'

/** Decides by itself who can be seen. */
class Seeing {
  static now: Seeing | undefined
  readonly #tell: IntersectionObserverCallback
  readonly #watched = new Set<Element>()

  constructor(tell: IntersectionObserverCallback) {
    this.#tell = tell
    Seeing.now = this
  }
  observe(element: Element): void {
    this.#watched.add(element)
  }
  unobserve(element: Element): void {
    this.#watched.delete(element)
  }
  show(isIntersecting: boolean): void {
    const entries = [...this.#watched].map((target) => ({ target, isIntersecting }))
    Reflect.apply(this.#tell, undefined, [entries, this])
  }
}

vi.stubGlobal('IntersectionObserver', Seeing)
beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

function setUp({ evenUnseen = false } = {}) {
  let now: Ticking = { shown: '$1.00' }
  let tick: () => void = () => undefined
  let drawn = 0
  const read = () => now
  const watch = (listener: () => void) => {
    tick = listener
    return () => {
      tick = () => undefined
    }
  }
  function Cell() {
    drawn += 1
    return <TickingText read={read} watch={watch} evenUnseen={evenUnseen} />
  }
  render(<Cell />)
  const cell = screen.getByText('$1.00')
  return {
    cell,
    drawn: () => drawn,
    move(shown: string, moved: 'up' | 'down' = 'up') {
      now = { shown, moved }
      tick()
    },
  }
}

describe('text that follows the market', () => {
  it('is written without drawing the page again', () => {
    const { cell, move, drawn } = setUp()
    Seeing.now?.show(true)
    move('$2.00')
    expect([cell.textContent, cell.dataset['moved'], drawn()]).toEqual(['$2.00', 'up', 1])
  })

  it('is written four times a second at most, and ends with the newest', () => {
    const { cell, move } = setUp()
    Seeing.now?.show(true)
    const seen = new Set<string | null>()
    for (let index = 0; index < 100; index += 1) {
      move(`$${index + 2}.00`)
      seen.add(cell.textContent)
      vi.advanceTimersByTime(10)
    }
    expect(seen.size).toBeLessThanOrEqual(5)
    vi.advanceTimersByTime(250)
    expect(cell.textContent).toBe('$101.00')
  })

  it('costs nothing while nobody sees it, and is true at once when somebody does', () => {
    const { cell, move } = setUp()
    Seeing.now?.show(false)
    move('$3.00')
    vi.advanceTimersByTime(1_000)
    expect(cell.textContent).toBe('$1.00')
    act(() => Seeing.now?.show(true))
    expect([cell.textContent, cell.dataset['flash']]).toEqual(['$3.00', undefined])
  })

  it('is true unseen too, where it adds up with other figures', () => {
    const { cell, move } = setUp({ evenUnseen: true })
    move('$2.00')
    expect(cell.textContent).toBe('$2.00')
    Seeing.now?.show(false)
    vi.advanceTimersByTime(1_000)
    move('$3.00')
    expect(cell.textContent).toBe('$3.00')
  })

  it('flashes at each move, twice the same way too', () => {
    const { cell, move } = setUp()
    Seeing.now?.show(true)
    const flashes = ['$2.00', '$3.00', '$4.00'].map((shown) => {
      move(shown)
      vi.advanceTimersByTime(300)
      return cell.dataset['flash']
    })
    expect(flashes).toEqual(['once', 'again', 'once'])
  })
})
