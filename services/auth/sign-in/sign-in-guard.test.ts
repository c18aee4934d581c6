import { Problem, type ProblemCode } from '@cnop/contract/problem.ts'
import { createMemoryCache } from '@cnop/kit/cache/memory-cache.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SecurityEvent } from '../security-log/security-event-rows.ts'
import { createSignInGuard, type SignInAttempt, type SignInGuard } from './sign-in-guard.ts'

let nowMs: number
let events: SecurityEvent[]
let guard: SignInGuard
/** The work that was done, by account. */
let done: (string | undefined)[]

beforeEach(() => {
  nowMs = Date.UTC(2026, 2, 1, 12)
  events = []
  done = []
  guard = createSignInGuard({
    cache: createMemoryCache(),
    now: () => nowMs,
    events: { push: (event) => events.push(event) },
    rules: {
      signInFailuresPerAccount: 5,
      signInFailuresPerAddress: 100,
      signInWindowSeconds: 300,
      signInBlockSeconds: 300,
    },
  })
})

const ADA = { account: 'ada_lovelace', address: '203.0.113.7', requestId: 'r-1' }

/** What the attempt ends with: the code of a refusal, or `in`. */
async function attempt(
  end: 'in' | ProblemCode = 'wrong-credentials',
  given: Partial<SignInAttempt> = {},
): Promise<string> {
  const who = { ...ADA, ...given }
  const work = async () => {
    await new Promise<void>((resolve) => setImmediate(resolve))
    done.push(who.account)
    if (end !== 'in') throw new Problem(end)
    return end
  }
  return guard.attempt(who, work).catch((error: unknown) => (error as Problem).code)
}

async function attempts(
  count: number,
  ...given: Parameters<typeof attempt>
): Promise<readonly string[]> {
  const ends: string[] = []
  for (let i = 0; i < count; i += 1) ends.push(await attempt(...given))
  return ends
}

const told = () => events.map(({ kind, detail }) => `${kind} ${detail}`)

describe('the guard of the sign-in', () => {
  it('lets five failures pass, and refuses the sixth for five minutes', async () => {
    expect(await attempts(5)).toEqual(Array(5).fill('wrong-credentials'))
    nowMs += 1_500
    const refusal = guard.attempt(ADA, async () => done.push('never'))
    await expect(refusal).rejects.toMatchObject({
      code: 'sign-in-blocked',
      status: 403,
      retryAfterSeconds: 299,
    })
    expect(done).toHaveLength(5)
    nowMs += 298_500
    expect(await attempt('in')).toBe('in')
  })

  it('verifies five of ten thousand guesses at once', async () => {
    const ends = await Promise.all(Array.from({ length: 10_000 }, () => attempt()))
    expect(done).toHaveLength(5)
    expect(ends.filter((end) => end === 'wrong-credentials')).toHaveLength(5)
    expect(new Set(ends)).toEqual(new Set(['wrong-credentials', 'sign-in-blocked', 'too-busy']))
  })

  it('does not let the right password in among guesses that came first', async () => {
    const guesses = [...Array(5).fill('wrong-credentials'), 'in'] as const
    const ends = await Promise.all(guesses.map((end) => attempt(end)))
    expect(ends.at(-1)).toBe('sign-in-blocked')
  })

  it('doubles a block for whoever goes on, up to a day', async () => {
    const lengths: number[] = []
    for (let i = 0; i < 11; i += 1) {
      await attempts(5)
      const error = await guard.attempt(ADA, async () => 'in').catch((thrown: unknown) => thrown)
      lengths.push((error as Problem).retryAfterSeconds ?? 0)
      nowMs += (lengths.at(-1) ?? 0) * 1000
    }
    const doubled = [300, 600, 1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 76_800]
    expect(lengths).toEqual([...doubled, 86_400, 86_400])
  })

  it('forgets the failures of whoever knows the password', async () => {
    await attempts(4)
    expect(await attempt('in')).toBe('in')
    expect(await attempts(5)).toEqual(Array(5).fill('wrong-credentials'))
    expect(await attempt('in')).toBe('sign-in-blocked')
  })

  it('forgets nothing for a password whose second factor is still missing', async () => {
    await attempts(4, 'wrong-second-factor')
    expect(await attempts(10, 'second-factor-required')).toEqual(
      Array(10).fill('second-factor-required'),
    )
    await attempt('wrong-second-factor')
    expect(await attempt('in')).toBe('sign-in-blocked')
  })

  it.each(['too-busy', 'store-unavailable', 'second-factor-required', 'link-not-valid'] as const)(
    'does not count what is no guess: %s',
    async (code) => {
      await attempts(200, code)
      expect(await attempt('in')).toBe('in')
      expect(events).toEqual([])
    },
  )

  it('counts what its caller calls a failure, and where nobody is named only the address', async () => {
    const link = { account: undefined, failures: ['link-not-valid'] } as const
    await attempts(99, 'link-not-valid', link)
    expect(await attempt('in', link)).toBe('in')
    await attempt('link-not-valid', link)
    expect(await attempt('in', link)).toBe('sign-in-blocked')
  })

  it('takes the user for the account where no name is given', async () => {
    const user = { account: undefined, userId: 'U1' }
    await attempts(5, 'wrong-second-factor', user)
    expect(await attempt('in', user)).toBe('sign-in-blocked')
    expect(await attempt('in', { account: undefined, userId: 'U2' })).toBe('in')
  })

  it('takes two spellings of a name for one account, and other accounts for others', async () => {
    await attempts(3)
    await attempts(2, 'wrong-credentials', { account: 'ADA_Lovelace' })
    expect(await attempt('in')).toBe('sign-in-blocked')
    expect(await attempt('in', { account: 'grace_hopper' })).toBe('in')
  })

  it('lets the owner in from elsewhere while somebody guesses', async () => {
    await attempts(5)
    expect(await attempt('in', { address: '203.0.113.8' })).toBe('in')
  })

  it('takes the addresses of one IPv6 subscriber for one', async () => {
    await attempts(3, 'wrong-credentials', { address: '2001:db8:1:2::1' })
    await attempts(2, 'wrong-credentials', { address: '2001:db8:1:2:ffff::9' })
    expect(await attempt('in', { address: '2001:db8:1:2::7' })).toBe('sign-in-blocked')
    expect(await attempt('in', { address: '2001:db8:1:3::7' })).toBe('in')
  })

  it('blocks an address that fails for a hundred accounts, and signing in does not clear it', async () => {
    for (let i = 0; i < 99; i += 1) await attempt('wrong-credentials', { account: `user_${i}` })
    expect(await attempt('in', { account: 'the_guesser' })).toBe('in')
    await attempt('wrong-credentials', { account: 'user_99' })
    expect(await attempt('in', { account: 'the_guesser' })).toBe('sign-in-blocked')
    expect(await attempt('in', { address: '203.0.113.8' })).toBe('in')
  })

  it('keeps nobody out who is signed in for what others do, and still counts what they do', async () => {
    for (let i = 0; i < 99; i += 1) await attempt('wrong-credentials', { account: `user_${i}` })
    await attempt('wrong-second-factor', { account: undefined, userId: 'U1' })
    expect(await attempt('in')).toBe('sign-in-blocked')
    expect(await attempt('in', { account: undefined, userId: 'U1' })).toBe('in')
  })

  it('makes as many wait as one customer may ask at once', async () => {
    const user = { account: undefined, userId: 'U1' }
    const ends = await Promise.all(Array.from({ length: 128 }, () => attempt('in', user)))
    expect(new Set(ends)).toEqual(new Set(['in']))
  })

  it('tells of each failure once and of each block once, not of what a block refuses', async () => {
    await attempts(4)
    await attempt('wrong-second-factor')
    await attempts(50)
    expect(told()).toEqual([
      ...Array(4).fill('sign-in-failed wrong-credentials'),
      'second-factor-failed wrong-second-factor',
      'sign-in-blocked the account, for 300 s',
    ])
    expect(events[0]).toEqual({
      kind: 'sign-in-failed',
      outcome: 'refused',
      actor: 'ada_lovelace',
      userId: undefined,
      address: '203.0.113.7',
      requestId: 'r-1',
      detail: 'wrong-credentials',
    })
  })

  it('tells once of a block that many failures at the same moment begin', async () => {
    const guesses = Array.from({ length: 150 }, (_, i) =>
      attempt('wrong-credentials', { account: `user_${i}` }),
    )
    await Promise.all(guesses)
    expect(told().filter((line) => line.startsWith('sign-in-blocked'))).toEqual([
      'sign-in-blocked the address, for 300 s',
    ])
  })

  it('throws what the work throws, and holds up nobody behind it', async () => {
    const defect = new TypeError('a defect')
    const failing = guard.attempt(ADA, async () => {
      throw defect
    })
    const next = attempt('in')
    await expect(failing).rejects.toBe(defect)
    expect(await next).toBe('in')
  })
})
