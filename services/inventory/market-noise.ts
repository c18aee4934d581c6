/**
 * The randomness under the simulated market: Brownian motion in multifractal trading time, at any
 * second, without any state.
 *
 * Time is cut into cells of 2^cellBits seconds, each cell into halves, each half again, down to one
 * second. A hash of (path, level, index) decides two things for each cut:
 *
 * - how the trading time of the interval divides between its halves: one gets the share 1/2 + d,
 *   the other 1/2 - d. Busy and quiet spells of every length follow, and with them the fat tails
 *   and the clustered volatility of real prices (the multiplicative cascade of Mandelbrot, Calvet
 *   and Fisher, "A Multifractal Model of Asset Returns", 1997);
 * - where the path stands at the cut, given both ends (the Brownian bridge, Lévy 1939): at the point
 *   between the ends in proportion to the trading time, plus a deviate of variance
 *   `mass * share * (1 - share)`.
 *
 * The ends of the cells are independent deviates of variance 1/2. The position is thus stationary
 * with variance 1/2 for ever, and over times short against a cell its increments have the variance
 * of Brownian motion that spreads by 1 over a cell. One second costs `cellBits` hashes.
 *
 * Floating point is at home here and nowhere else: these numbers are noise until the simulated
 * feed turns them into a price, once, as a whole number of ticks.
 */

export type NoisePoint = {
  /** Mean 0, variance 1/2; in units of the spread over one cell. */
  readonly position: number
  /** Trading time since long ago: never falls, and gains a second in a second on average. */
  readonly tradedSeconds: number
}

/** From second 0 (1970) to second 2^31 (2038) and on for another half century. */
export type NoisePath = { at(second: number): NoisePoint }

type Cut = {
  readonly key: number
  /** The interval is 2^bits seconds long, its halves `half` seconds. */
  readonly bits: number
  readonly half: number
  /** How far the division of trading time is from even. */
  readonly skew: number
  /** The deviation at the cut of an interval of mass 1. */
  readonly spread: number
}

const SKEW = 0.125
/** Below about a minute trading time flows evenly, so that quiet spells still tick. */
const SKEWED_BITS_MIN = 7
const HALF_VARIANCE = Math.SQRT1_2
/** Makes a uniform deviate on [-1/2, 1/2) one of variance 1. */
const UNIFORM_SCALE = Math.sqrt(12)
/** 2^32 divided by the golden ratio, odd: spreads consecutive numbers over the range. */
const GOLDEN = 0x9e3779b1

export function createNoisePath(name: string, cellBits: number): NoisePath {
  const seed = hashText(name)
  const cellSeconds = 2 ** cellBits
  // Paths begin their cells at different times, so that no moment is special to all of them.
  const phase = scramble(seed ^ GOLDEN) % cellSeconds
  const nodeKey = scramble(seed)
  const cuts = Array.from({ length: cellBits }, (_, index): Cut => {
    const bits = cellBits - index
    const key = scramble(seed + Math.imul(bits, GOLDEN))
    const skew = bits >= SKEWED_BITS_MIN ? SKEW : 0
    const spread = Math.sqrt((0.5 + skew) * (0.5 - skew))
    return { key, bits, half: 2 ** (bits - 1), skew, spread }
  })
  const nodeAt = (index: number): number => HALF_VARIANCE * deviate(hashAt(nodeKey, index))

  return {
    at(second) {
      const time = second + phase
      const cell = Math.floor(time / cellSeconds)
      let left = nodeAt(cell)
      let right = nodeAt(cell + 1)
      let mass = 1
      let massBefore = 0
      for (const { key, bits, half, skew, spread } of cuts) {
        const hash = hashAt(key, time >>> bits)
        const share = hash & 1 ? 0.5 + skew : 0.5 - skew
        const middle = left + (right - left) * share + Math.sqrt(mass) * spread * deviate(hash)
        if (time & half) {
          left = middle
          massBefore += mass * share
          mass *= 1 - share
        } else {
          right = middle
          mass *= share
        }
      }
      return { position: left, tradedSeconds: (cell + massBefore) * cellSeconds }
    },
  }
}

const hashAt = (key: number, index: number): number => scramble(key ^ Math.imul(index, GOLDEN))

const deviate = (hash: number): number => (hash / 2 ** 32 - 0.5) * UNIFORM_SCALE

/** The finaliser of MurmurHash3 (Appleby, public domain): every bit in moves every bit out. */
function scramble(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35)
  return (second ^ (second >>> 16)) >>> 0
}

/** FNV-1a over the UTF-16 units of a name, then scrambled. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return scramble(hash)
}
