// @vitest-environment happy-dom
import { cleanup, render } from '@testing-library/react'
import { Search } from 'lucide-react'
import type { ComponentType, SVGProps } from 'react'
import { afterEach, expect, it } from 'vitest'
import { drawIcon } from './draw-icon.ts'

afterEach(cleanup)

const OurSearch = drawIcon([
  ['path', { d: 'm21 21-4.34-4.34' }],
  ['circle', { cx: '11', cy: '11', r: '8' }],
])

/** What is seen of it beside its size, which its class says. */
function seen(Icon: ComponentType<SVGProps<SVGSVGElement>>) {
  const { container } = render(<Icon aria-hidden="true" className="text-ink" />)
  const svg = container.querySelector('svg') as SVGSVGElement
  for (const name of ['xmlns', 'width', 'height']) svg.removeAttribute(name)
  svg.classList.remove('lucide', 'lucide-search')
  const attributes = [...svg.attributes].map(({ name, value }) => [name, value])
  return { ...Object.fromEntries(attributes), lines: svg.innerHTML }
}

it('an icon of which only the lines are left looks as its library draws it', () => {
  expect(seen(OurSearch)).toEqual(seen(Search))
})
