// @vitest-environment happy-dom
import { cleanup, renderHook } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import type { Side } from './draft.ts'
import { useSideKeys } from './use-side-keys.ts'

afterEach(() => {
  cleanup()
  document.body.innerHTML = ''
})

function chosen(): Side[] {
  const sides: Side[] = []
  renderHook(() => useSideKeys((side) => sides.push(side)))
  return sides
}

function press(
  key: string,
  target: EventTarget = document.body,
  more: KeyboardEventInit = {},
): void {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }))
}

function added(html: string): Element {
  document.body.innerHTML = html
  return document.body.firstElementChild!
}

it('b buys and s sells', () => {
  const sides = chosen()
  press('b')
  press('s')
  press('x')
  expect(sides).toEqual(['buy', 'sell'])
})

it('a side is chosen from its own radio button too', () => {
  const sides = chosen()
  press('s', added('<input type="radio" />'))
  expect(sides).toEqual(['sell'])
})

it.each(['<input inputmode="decimal" />', '<select></select>', '<textarea></textarea>'])(
  'nobody who types chooses a side: %s',
  (html) => {
    const sides = chosen()
    press('b', added(html))
    expect(sides).toEqual([])
  },
)

it('keys of the browser stay its own', () => {
  const sides = chosen()
  press('s', document.body, { ctrlKey: true })
  press('b', document.body, { metaKey: true })
  expect(sides).toEqual([])
})

it('a dialog that asks something is answered first', () => {
  const sides = chosen()
  added('<dialog open></dialog>')
  press('b')
  expect(sides).toEqual([])
})
