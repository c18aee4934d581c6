import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createLinkTokens } from './link-tokens.ts'

const SECRET = 'a-secret-that-only-tests-would-use'
const tokens = createLinkTokens(SECRET)
const link = { purpose: 'reset-password', userId: 'ada', linkId: '01KAHZ' } as const

describe('the token of a link', () => {
  it('is read by whoever has the secret, as the link that it was printed for', () => {
    expect(createLinkTokens(SECRET).read(tokens.print(link), 'reset-password')).toEqual(link)
  })

  it('is nothing to another secret, and nothing for another purpose', () => {
    const token = tokens.print(link)
    expect(createLinkTokens(`${SECRET}!`).read(token, 'reset-password')).toBeUndefined()
    expect(tokens.read(token, 'verify-email')).toBeUndefined()
  })

  it('is not made with the secret itself, which signs other things', () => {
    const plain = createHmac('sha256', SECRET).update('reset-password\nada\n01KAHZ').digest()
    expect(tokens.print(link)).not.toContain(plain.toString('base64url'))
  })

  it('that was changed anywhere is nothing', () => {
    const token = tokens.print(link)
    const [userId, linkId, mac = ''] = token.split('.')
    const forged = [
      `bob.${linkId}.${mac}`,
      `${userId}.01KAHY.${mac}`,
      `${userId}.${linkId}.${mac.slice(1)}`,
      `${userId}.${linkId}.`,
      `${userId}.${linkId}.${mac}.x`,
      `ada0.1KAHZ.${mac}`,
      `${userId}.${linkId}`,
      '',
      '...',
      ...[0, 10, 20, 42].map((i) => {
        const letter = mac[i] === 'A' ? 'B' : 'A'
        return `${userId}.${linkId}.${mac.slice(0, i)}${letter}${mac.slice(i + 1)}`
      }),
    ]
    for (const text of forged) expect(tokens.read(text, 'reset-password')).toBeUndefined()
  })
})
