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

/** A token may stand for another, or for one colour by day and one by night; what a browser has reckoned is one colour. */
export function chartInk(): ChartInk {
  const probe = document.createElement('span')
  document.body.append(probe)
  const style = getComputedStyle(probe)
  const reckoned = (name: string): string => {
    probe.style.color = `var(${name})`
    return style.color
  }
  const ink = {
    surface: reckoned('--surface'),
    text: reckoned('--ink-3'),
    line: reckoned('--line'),
    up: reckoned('--up'),
    down: reckoned('--down'),
    faint: reckoned('--field'),
    ink: reckoned('--ink-1'),
    font: style.fontFamily,
  }
  probe.remove()
  return ink
}
