import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPacker, createUnpacker, withoutZeros } from './packed-integers.ts'

describe('packed integers', () => {
  it('come back as they went in, whatever their size', () => {
    const numbers = fc.array(fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 80n)))
    fc.assert(
      fc.property(numbers, fc.array(fc.bigInt(-(2n ** 70n), 2n ** 70n)), (unsigned, signed) => {
        const packer = createPacker()
        for (const value of unsigned) packer.unsigned(value)
        for (const value of signed) packer.signed(value)
        const packed = createUnpacker(packer.bytes())
        expect(unsigned.map(() => packed.unsigned())).toEqual(unsigned)
        expect(signed.map(() => packed.signed())).toEqual(signed)
        expect(packed.ended).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    [0n, 1],
    [127n, 1],
    [128n, 2],
    [2n ** 53n - 1n, 8],
    [2n ** 53n, 8],
    [2n ** 64n - 1n, 10],
  ])('take a byte for every seven bits: %d takes %d', (value, bytes) => {
    const packer = createPacker()
    packer.unsigned(value)
    expect(packer.bytes()).toHaveLength(bytes)
    expect(createUnpacker(packer.bytes()).unsigned()).toBe(value)
  })

  it('are small on both sides of zero', () => {
    const packer = createPacker()
    for (const value of [0n, -1n, 1n, -64n, 63n]) packer.signed(value)
    expect([...packer.bytes()]).toEqual([0, 1, 2, 127, 126])
  })

  it('that end in the middle of a number are refused, not guessed', () => {
    expect(() => createUnpacker(Uint8Array.of(0x80)).unsigned()).toThrow(/in the middle/)
    expect(() => createUnpacker(new Uint8Array(9).fill(0xff)).unsigned()).toThrow(/in the middle/)
  })
})

describe('a price without its zeros', () => {
  it('is the same price', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 64n - 1n), fc.nat(18), (value, zerosMax) => {
        const { digits, zeros } = withoutZeros(value, zerosMax)
        expect(digits * 10n ** BigInt(zeros)).toBe(value)
        expect(zeros === zerosMax || digits % 10n !== 0n).toBe(true)
      }),
    )
  })

  it('has as few digits as it can', () => {
    expect(withoutZeros(84_009_240_000_000_000n, 18)).toEqual({ digits: 8_400_924n, zeros: 10 })
    expect(withoutZeros(10n ** 18n, 18)).toEqual({ digits: 1n, zeros: 18 })
    expect(withoutZeros(10n ** 18n, 3)).toEqual({ digits: 10n ** 15n, zeros: 3 })
    expect(withoutZeros(0n, 18)).toEqual({ digits: 0n, zeros: 0 })
  })
})
