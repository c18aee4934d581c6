import { Problem } from '@cnop/contract/problem.ts'
import { describe, expect, it } from 'vitest'
import { decideLeaving, refuseOutdatedSignIn, SESSIONS_MAX } from './decide-session.ts'
import type { KeptSession } from './session-rows.ts'

const NOW = 1_772_366_400_000

const session = (sessionId: string, expires = NOW / 1000 + 60) => ({
  sessionId,
  username: 'ada_lovelace',
  createdAt: '2026-03-01T12:00:00.000Z',
  lastSeenAt: '2026-03-01T12:00:00.000Z',
  expires,
  generation: 1n,
  rotatedAtMs: NOW,
  address: '',
  userAgent: '',
})

const many = (count: number): readonly KeptSession[] =>
  Array.from({ length: count }, (_, index) => session(`s${index}`))

const leaving = (sessions: readonly KeptSession[]) =>
  decideLeaving(sessions, NOW).map(({ sessionId }) => sessionId)

describe('a sign-in', () => {
  it('stands while the password and the sessions are as they were', () => {
    const verified = { passwordVersion: 3n, ended: 2n }
    expect(() => refuseOutdatedSignIn({ verified, stored: verified })).not.toThrow()
  })

  it.each([
    ['another password', { passwordVersion: 4n, ended: 2n }, 'wrong-credentials'],
    ['no password', { passwordVersion: undefined, ended: 2n }, 'wrong-credentials'],
    ['sessions that were ended', { passwordVersion: 3n, ended: 3n }, 'contention'],
    ['both', { passwordVersion: 4n, ended: 3n }, 'wrong-credentials'],
  ] as const)('falls with %s', (_, stored, code) => {
    const verified = { passwordVersion: 3n, ended: 2n }
    const attempt = () => refuseOutdatedSignIn({ verified, stored })
    expect(attempt).toThrow(Problem)
    expect(attempt).toThrow(expect.objectContaining({ code }))
  })

  it('takes nobody away while there is room', () => {
    expect(leaving([])).toEqual([])
    expect(leaving(many(SESSIONS_MAX - 1))).toEqual([])
  })

  it('takes the oldest away where there is none', () => {
    expect(leaving(many(SESSIONS_MAX))).toEqual(['s0'])
    expect(leaving(many(SESSIONS_MAX + 2))).toEqual(['s0', 's1', 's2'])
  })

  it('takes the expired away, and counts them to nothing', () => {
    const expired = [session('gone', NOW / 1000), session('long gone', 1)]
    expect(leaving([...expired, ...many(SESSIONS_MAX - 1)])).toEqual(['gone', 'long gone'])
    expect(leaving([...expired, ...many(SESSIONS_MAX)])).toEqual(['gone', 'long gone', 's0'])
  })
})
