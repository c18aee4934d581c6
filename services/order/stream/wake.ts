/** One sleeper, woken by hints that may come before it sleeps. */
export type Wake = {
  /** Ends the sleep, or keeps the next one from beginning. */
  readonly hint: () => void
  /** Sleeps until a hint, at most this long. */
  sleep(msMax: number): Promise<void>
}

export function createWake(): Wake {
  let hinted = false
  let rouse = (): void => {}
  return {
    hint() {
      hinted = true
      rouse()
    },
    async sleep(msMax) {
      if (!hinted) {
        const { promise, resolve } = Promise.withResolvers<void>()
        rouse = resolve
        const late = setTimeout(resolve, msMax)
        await promise
        clearTimeout(late)
      }
      hinted = false
    },
  }
}
