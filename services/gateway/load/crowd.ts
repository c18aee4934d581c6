/**
 * How many are inside at once: at the whole door, and of one party. Whoever is over it is told to
 * come back before any work is done.
 */
import { Problem } from '@cnop/contract/problem.ts'
import type { LoopLateness } from './loop-lateness.ts'
import { createSeats } from './seats.ts'

type Leave = () => void

export type Crowd = {
  /** Throws `overloaded`. */
  enter(): Leave
  /** Throws `too-many-at-once`. */
  sit(party: string): Leave
}

const OVERLOADED_SECONDS = 2
const TOO_MANY_SECONDS = 1
const DOOR = 'door'

export function createCrowd(parts: {
  readonly requestsAtOnce: number
  readonly perPartyMax: number
  readonly loop: Pick<LoopLateness, 'late'>
}): Crowd {
  const { loop, perPartyMax } = parts
  const places = createSeats(parts.requestsAtOnce)
  const seats = createSeats(perPartyMax)
  return {
    enter() {
      const leave = loop.late ? undefined : places.take(DOOR)
      if (leave !== undefined) return leave
      throw new Problem('overloaded', { retryAfterSeconds: OVERLOADED_SECONDS })
    },
    sit(party) {
      const leave = seats.take(party)
      if (leave !== undefined) return leave
      throw new Problem('too-many-at-once', {
        detail: `At most ${perPartyMax} requests at once.`,
        retryAfterSeconds: TOO_MANY_SECONDS,
      })
    },
  }
}
