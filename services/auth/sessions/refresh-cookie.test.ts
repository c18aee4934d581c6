import { describe, expect, it } from 'vitest'
import { createRefreshCookie, refreshTokenIn } from './refresh-cookie.ts'

const attributesOf = (cookie: string) => cookie.split('; ').slice(1).sort()

describe('the refresh cookie', () => {
  it('is for the routes of identity only, and for no script and no other site', () => {
    const cookie = createRefreshCookie('http://127.0.0.1:8080').set('a.b.1.c', 600)
    expect(cookie.split('; ')[0]).toBe('cnop_refresh=a.b.1.c')
    expect(attributesOf(cookie)).toEqual([
      'HttpOnly',
      'Max-Age=600',
      'Path=/api/v1/auth',
      'SameSite=Strict',
    ])
  })

  it('is for encrypted connections exactly where people come by https', () => {
    const secure = createRefreshCookie('https://cnop.example')
    for (const cookie of [secure.set('t', 1), secure.cleared]) {
      expect(attributesOf(cookie)).toContain('Secure')
    }
    const plain = createRefreshCookie('http://https.example')
    for (const cookie of [plain.set('t', 1), plain.cleared]) {
      expect(cookie).not.toMatch(/secure/i)
    }
  })

  it('is taken back under the very terms it was set with', () => {
    const { set, cleared } = createRefreshCookie('https://cnop.example')
    expect(cleared).toMatch(/^cnop_refresh=; /)
    expect(attributesOf(cleared)).toContain('Max-Age=0')
    const terms = (cookie: string) => attributesOf(cookie).filter((a) => !a.startsWith('Max-Age'))
    expect(terms(cleared)).toEqual(terms(set('a', 5)))
  })

  it.each([
    ['a.b.1.c', 'cnop_refresh=a.b.1.c'],
    ['a.b.1.c', 'theme=dark; cnop_refresh=a.b.1.c; other=1'],
    ['a.b.1.c', 'theme=dark;cnop_refresh=a.b.1.c'],
    ['a=b=', 'cnop_refresh=a=b='],
    [undefined, 'cnop_refresh=first; cnop_refresh=second'],
    [undefined, 'cnop_refresh=same; cnop_refresh=same'],
    [undefined, 'cnop_refresh=first; cnop_refresh'],
    ['', 'cnop_refresh='],
    ['', 'cnop_refresh'],
    [undefined, 'xcnop_refresh=a; cnop_refreshx=b; CNOP_REFRESH=c'],
    [undefined, ''],
    [undefined, undefined],
  ])('is read as %j from %j', (token, cookies) => {
    expect(refreshTokenIn(cookies)).toBe(token)
  })
})
