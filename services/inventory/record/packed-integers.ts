/**
 * Whole numbers in as few bytes as they need: seven bits a byte, lowest first, the eighth bit says
 * that more follow. Rows of prices stay below a kilobyte this way, which is what stores like.
 */

export type Packer = {
  unsigned(value: bigint | number): void
  /** Small either way: 0, -1, 1, -2 become 0, 1, 2, 3. */
  signed(value: bigint): void
  bytes(): Uint8Array
}

export type Unpacker = {
  readonly ended: boolean
  /** A number that was packed as one, and so is exact. */
  small(): number
  unsigned(): bigint
  signed(): bigint
}

/** Up to here the numbers of the platform are exact, and several times faster. */
const SAFE = BigInt(Number.MAX_SAFE_INTEGER)
const SAFE_BYTES = 7

export function createPacker(): Packer {
  const bytes: number[] = []
  return { unsigned, signed, bytes: () => Uint8Array.from(bytes) }

  function unsigned(value: bigint | number): void {
    let rest = BigInt(value)
    while (rest > SAFE) {
      bytes.push(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    let left = Number(rest)
    while (left > 0x7f) {
      bytes.push((left % 0x80) | 0x80)
      left = Math.floor(left / 0x80)
    }
    bytes.push(left)
  }

  function signed(value: bigint): void {
    unsigned(value < 0n ? -2n * value - 1n : 2n * value)
  }
}

export function createUnpacker(bytes: Uint8Array): Unpacker {
  let at = 0
  return {
    get ended() {
      return at >= bytes.length
    },
    small: () => Number(unsigned()),
    unsigned,
    signed() {
      const value = unsigned()
      return value & 1n ? -(value + 1n) / 2n : value / 2n
    },
  }

  function unsigned(): bigint {
    const start = at
    let low = 0
    let weight = 1
    while (at - start < SAFE_BYTES) {
      const byte = nextByte()
      low += (byte & 0x7f) * weight
      weight *= 0x80
      if (byte < 0x80) return BigInt(low)
    }
    let value = BigInt(low)
    for (let shift = BigInt(7 * SAFE_BYTES); ; shift += 7n) {
      const byte = nextByte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  function nextByte(): number {
    const byte = bytes[at]
    if (byte === undefined) throw new Error('A packed row ends in the middle of a number')
    at += 1
    return byte
  }
}

/** The value without its trailing decimal zeros, and how many they were; `zerosMax` at most. */
export function withoutZeros(
  value: bigint,
  zerosMax: number,
): { readonly digits: bigint; readonly zeros: number } {
  let digits = value
  let zeros = 0
  for (const [step, power] of STEPS) {
    while (digits > 0n && zeros + step <= zerosMax && digits % power === 0n) {
      digits /= power
      zeros += step
    }
  }
  return { digits, zeros }
}

const STEPS = [8, 4, 2, 1].map((step) => [step, 10n ** BigInt(step)] as const)
