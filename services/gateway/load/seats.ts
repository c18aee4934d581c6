/** Counts who is inside at the same time, so that nobody holds every place. */

export type Seats = {
  /** What gives the seat back, however often it is called; `undefined` when none is free. */
  take(party: string): (() => void) | undefined
}

export function createSeats(perPartyMax: number): Seats {
  const taken = new Map<string, number>()

  const giveBack = (party: string): void => {
    const left = (taken.get(party) ?? 0) - 1
    if (left > 0) taken.set(party, left)
    else taken.delete(party)
  }

  return {
    take(party) {
      const others = taken.get(party) ?? 0
      if (others >= perPartyMax) return undefined
      taken.set(party, others + 1)
      let seated = true
      return () => {
        if (seated) giveBack(party)
        seated = false
      }
    },
  }
}
