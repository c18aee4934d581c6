/**
 * How many are inside at once: at the whole door, and of one party. Whoever is over it is told to
 * come back before any work is done.
 */
import { Problem } from '@cnop/contract/problem.ts'
import type { LoopLateness } from './loop-lateness.ts'
import { createSeats, type Seats } from './seats.ts'

export type Crowd = {
  /** Throws `overloaded` while there is no place, without taking one. */
  refuseFull(): void
  /** Of a request that has just come: it holds nothing yet. */
  stay(): Stay
}

/** What one request holds. After its end, which may come before its admission, it takes nothing. */
export type Stay = {
  /**
   * Takes a place, once the whole request is there: a body that trickles in holds a seat of its
   * party and no place of the house. Throws `overloaded`.
   */
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
  return { refuseFull: () => refuseFull(house), stay: () => new RequestStay(house) }
}

function refuseFull({ inside, requestsAtOnce, loop }: House): void {
  if (inside < requestsAtOnce && !loop.late) return
  throw new Problem('overloaded', { retryAfterSeconds: OVERLOADED_SECONDS })
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
    refuseFull(this.#house)
    if (this.#left) return
    this.#house.inside += 1
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
