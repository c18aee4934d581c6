/** The colours of the document, for a canvas, which cannot read them itself. */
export type ChartInk = {
  readonly surface: string
  readonly text: string
  readonly line: string
  readonly up: string
  readonly down: string
  readonly faint: string
  readonly ink: string
  readonly font: string
}

export function chartInk(): ChartInk {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(name).trim()
  return {
    surface: token('--surface'),
    text: token('--ink-3'),
    line: token('--line'),
    up: resolved('--up'),
    down: resolved('--down'),
    faint: token('--field'),
    ink: token('--ink-1'),
    font: style.fontFamily,
  }
}

/** A token may stand for another; what a browser has reckoned is a colour in any case. */
function resolved(name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
