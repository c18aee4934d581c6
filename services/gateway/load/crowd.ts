/**
 * How many are inside at once: at the whole door, and of one party. Whoever is over it is told to
 * come back before any work is done.
 */
import { Problem } from '@cnop/contract/problem.ts'
import type { LoopLateness } from './loop-lateness.ts'
import { createSeats, type Seats } from './seats.ts'

export type Crowd = {
  /** Of a request that has just come: it holds nothing yet. */
  stay(): Stay
}

/** What one request holds. After its end, which may come before its admission, it takes nothing. */
export type Stay = {
  /** Throws `overloaded`. */
  enter(): void
  /** Throws `too-many-at-once`. */
  sit(party: string): void
  /** Gives back what is held, however often it is called. */
  leave(): void
}

const OVERLOADED_SECONDS = 2
const TOO_MANY_SECONDS = 1

type House = {
  readonly requestsAtOnce: number
  readonly perPartyMax: number
  readonly loop: Pick<LoopLateness, 'late'>
  readonly seats: Seats
  inside: number
}

export function createCrowd(parts: Omit<House, 'seats' | 'inside'>): Crowd {
  const house: House = { ...parts, seats: createSeats(parts.perPartyMax), inside: 0 }
  return { stay: () => new RequestStay(house) }
}

class RequestStay implements Stay {
  readonly #house: House
  #inside = false
  #rise: (() => void) | undefined
  #left = false

  constructor(house: House) {
    this.#house = house
  }

  enter(): void {
    const house = this.#house
    if (house.inside >= house.requestsAtOnce || house.loop.late) {
      throw new Problem('overloaded', { retryAfterSeconds: OVERLOADED_SECONDS })
    }
    if (this.#left) return
    house.inside += 1
    this.#inside = true
  }

  sit(party: string): void {
    if (this.#left) return
    const { seats, perPartyMax } = this.#house
    this.#rise = seats.take(party)
    if (this.#rise !== undefined) return
    throw new Problem('too-many-at-once', {
      detail: `At most ${perPartyMax} requests at once.`,
      retryAfterSeconds: TOO_MANY_SECONDS,
    })
  }

  leave(): void {
    this.#left = true
    if (this.#inside) this.#house.inside -= 1
    this.#inside = false
    this.#rise?.()
    this.#rise = undefined
  }
}
