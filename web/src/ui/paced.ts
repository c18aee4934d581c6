/** Does the work at once, but not again before the pause is over; what comes meanwhile is done then, once. */
export function paced(
  pauseMs: number,
  work: () => void,
): { readonly ask: () => void; readonly cancel: () => void } {
  let due: ReturnType<typeof setTimeout> | undefined
  let doneAt = Number.NEGATIVE_INFINITY
  const run = (): void => {
    due = undefined
    doneAt = performance.now()
    work()
  }
  return {
    ask() {
      if (due !== undefined) return
      const leftMs = doneAt + pauseMs - performance.now()
      if (leftMs <= 0) run()
      else due = setTimeout(run, leftMs)
    },
    cancel: () => clearTimeout(due),
  }
}
