/**
 * Whether the event loop is behind its work. One late turn is a pause that is over when it is seen;
 * two in a row mean that more arrives than can be done.
 */
export type LoopLateness = {
  readonly late: boolean
  close(): void
}

const PERIOD_MS = 250
const LATE_MS = 500

export function watchLoop(
  options: { readonly clock?: () => number; readonly periodMs?: number } = {},
): LoopLateness {
  const { clock = () => performance.now(), periodMs = PERIOD_MS } = options
  let lateTurns = 0
  let turnedAt = clock()
  const turns = setInterval(() => {
    const at = clock()
    lateTurns = at - turnedAt - periodMs > LATE_MS ? lateTurns + 1 : 0
    turnedAt = at
  }, periodMs).unref()
  return {
    get late() {
      return lateTurns > 1
    },
    close: () => clearInterval(turns),
  }
}
