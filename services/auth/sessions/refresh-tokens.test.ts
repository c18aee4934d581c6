import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRefreshTokens } from './refresh-tokens.ts'

const tokens = createRefreshTokens('a secret of the tests, of 32 characters or more')
const id = fc.stringMatching(/^[0-9A-Za-z_-]{1,64}$/)
const claim = fc.record({
  userId: id,
  sessionId: id,
  generation: fc.bigInt({ min: 1n, max: 999_999_999_999_999_999n }),
})
const ADA = { userId: 'ada', sessionId: 'session-1', generation: 12n }

describe('a refresh token', () => {
  it('says what was written into it', () => {
    fc.assert(
      fc.property(claim, (written) => {
        expect(tokens.read(tokens.write(written))).toEqual(written)
      }),
    )
  })

  it('is the same text for the same claim, so that a lost answer can be given again', () => {
    expect(tokens.write(ADA)).toBe(tokens.write({ ...ADA }))
    expect(tokens.write(ADA)).toMatch(/^ada\.session-1\.12\.[\w-]{43}$/)
  })

  it('of another claim has another mac', () => {
    fc.assert(
      fc.property(claim, claim, (one, other) => {
        const [mac, otherMac] = [one, other].map((each) => tokens.write(each).split('.')[3])
        const same = tokens.write(one) === tokens.write(other)
        expect(mac === otherMac).toBe(same)
        const [, ...rest] = tokens.write(one).split('.')
        expect(tokens.read(['another', ...rest].join('.'))).toBeUndefined()
      }),
    )
  })

  it('with any one character of it changed is not read', () => {
    const token = tokens.write(ADA)
    const characters = [...'ABCXYZabcxyz0123456789-_. =']
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...characters), (at, character) => {
        fc.pre(token[at] !== character)
        expect(tokens.read(token.slice(0, at) + character + token.slice(at + 1))).toBeUndefined()
      }),
      { numRuns: 2000 },
    )
  })

  it('written another way is not read', () => {
    const token = tokens.write(ADA)
    const [, , , mac] = token.split('.')
    for (const other of [
      '',
      '...',
      `${token} `,
      `${token}=`,
      `${token}.`,
      `ada.session-1.012.${mac}`,
      `ada.session-1.+12.${mac}`,
      `ada.session-1.1${'0'.repeat(30)}.${mac}`,
      `ada.session-1.12.`,
      token.repeat(2),
      `${token}\n`,
    ]) {
      expect(tokens.read(other)).toBeUndefined()
    }
  })

  it('of another platform is not read', () => {
    const elsewhere = createRefreshTokens('another secret of the tests, of 32 characters')
    expect(tokens.read(elsewhere.write(ADA))).toBeUndefined()
  })

  it('that is anything at all is not read', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(tokens.read(text)).toBeUndefined()
      }),
    )
  })
})
