import { createElement, type ReactNode, type SVGProps } from 'react'

type Line = readonly [tag: string, attributes: Readonly<Record<string, string>>]

/** What the icons of lucide-react have in common; the build leaves of each only its lines. */
export function drawIcon(lines: readonly Line[]) {
  return (more: SVGProps<SVGSVGElement>): ReactNode =>
    createElement(
      'svg',
      {
        viewBox: '0 0 24 24',
        fill: 'none',
        stroke: 'currentColor',
        strokeWidth: 2,
        strokeLinecap: 'round',
        strokeLinejoin: 'round',
        ...more,
      },
      ...lines.map(([tag, attributes]) => createElement(tag, attributes)),
    )
}
