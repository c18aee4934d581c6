/** Whoever guesses passwords gets a handful of guesses, and keeps nobody else from signing in. */

import { API_BASE } from '@cnop/contract/route.ts'
import { login } from '@cnop/contract/session.ts'
import { Pool } from 'undici'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Customer, newCustomer, PASSWORD, rawCall, refusalOf, signIn } from '../customers.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'

const GUESSES = 10_000
const GUESSES_AT_ONCE = 100
const GUESSES_MAX = 5
const BLOCK_SECONDS = 2

let platform: RunningPlatform
let customer: Customer

const NO_OTHER_LIMITS = {
  TRUSTED_PROXIES: '127.0.0.1',
  RATE_LIMIT_USER: '1000000',
  RATE_LIMIT_GATEWAY: '1000000',
}

beforeAll(async () => {
  platform = await startTogether({ env: NO_OTHER_LIMITS })
  customer = await newCustomer(platform.url)
})
afterAll(() => platform?.stop())

const from = (address: string) => ({ 'x-forwarded-for': address })

function guess(username: string, address: string, url = platform.url) {
  const body = JSON.stringify({ username, password: 'this is not the password' })
  return rawCall(url, login.method, login.path, { body, headers: from(address) })
}

/** Each the same guess from one address, so many under way at a time. */
async function guessAtOnce(guesses: readonly string[], address: string): Promise<string[]> {
  const pool = new Pool(platform.url, { connections: GUESSES_AT_ONCE })
  const codes: string[] = []
  const waiting = guesses.values()
  const take = async (): Promise<void> => {
    for (const password of waiting) {
      const answer = await pool.request({
        method: login.method,
        path: API_BASE + login.path,
        headers: { 'content-type': 'application/json', ...from(address) },
        body: JSON.stringify({ username: customer.username, password }),
      })
      const said = (await answer.body.json()) as { code?: string }
      codes.push(said.code ?? 'signed in')
    }
  }
  await Promise.all(Array.from({ length: GUESSES_AT_ONCE }, take))
  await pool.close()
  return codes
}

const countOf = (codes: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...Map.groupBy(codes, (code) => code)].map(([code, same]) => [code, same.length]),
  )

describe('one account', () => {
  it(`of ${GUESSES} guesses at once, at most ${GUESSES_MAX} are looked at, the right one is not found`, {
    timeout: 120_000,
  }, async () => {
    const guesses = Array.from({ length: GUESSES }, (_, index) =>
      index === GUESSES / 2 ? PASSWORD : `guess number ${index}`,
    )
    const counts = countOf(await guessAtOnce(guesses, '203.0.113.1'))
    process.stdout.write(`${GUESSES} guesses at once: ${JSON.stringify(counts)}\n`)
    expect(counts['wrong-credentials']).toBeLessThanOrEqual(GUESSES_MAX)
    expect(Object.keys(counts).filter((code) => !LISTED.includes(code))).toEqual([])
    expect(counts['sign-in-blocked']).toBeGreaterThan(0)
  })

  it('is open from elsewhere while it is blocked here', async () => {
    await failUntilBlocked(platform.url, customer.username, '203.0.113.2')
    expect(await refusalOf(signIn(platform.url, mine(), from('203.0.113.2')))).toBe(
      'sign-in-blocked',
    )
    expect((await signIn(platform.url, mine(), from('198.51.100.2'))).token).toMatch(/\./)
  })

  it('is blocked twice as long each time, and open in between', { timeout: 60_000 }, async () => {
    const address = '203.0.113.3'
    const env = { ...NO_OTHER_LIMITS, SIGN_IN_BLOCK_SECONDS: String(BLOCK_SECONDS) }
    const hasty = await startTogether({ env })
    onTestFinished(() => hasty.stop())
    const { username } = await newCustomer(hasty.url)
    for (const seconds of [BLOCK_SECONDS, 2 * BLOCK_SECONDS, 4 * BLOCK_SECONDS]) {
      const retryAfter = await failUntilBlocked(hasty.url, username, address)
      expect(retryAfter).toBeLessThanOrEqual(seconds)
      expect(retryAfter).toBeGreaterThan(seconds / 2)
      await new Promise((go) => setTimeout(go, retryAfter * 1000 + 100))
    }
    const right = { username, password: PASSWORD }
    expect((await signIn(hasty.url, right, from(address))).token).toMatch(/\./)
  })

  it('is one account, by its name and its address, in any letters', async () => {
    const address = '203.0.113.4'
    for (let tried = 0; tried < GUESSES_MAX; tried += 1) {
      const { username } = customer
      await guess(tried % 2 === 0 ? username.toUpperCase() : username, address)
    }
    expect(await refusalOf(signIn(platform.url, mine(), from(address)))).toBe('sign-in-blocked')
  })
})

describe('one address', () => {
  it('that tries one password on many accounts is blocked for all of them', async () => {
    const address = '203.0.113.5'
    const codes: string[] = []
    for (let tried = 0; tried < 110; tried += 1) {
      codes.push(JSON.parse((await guess(`nobody_${tried}`, address)).body).code)
    }
    expect(countOf(codes)).toEqual({ 'wrong-credentials': 100, 'sign-in-blocked': 10 })
    expect(await refusalOf(signIn(platform.url, mine(), from(address)))).toBe('sign-in-blocked')
    expect((await signIn(platform.url, mine(), from('198.51.100.5'))).token).toMatch(/\./)
  })

  it('is the network of 64 bits where it is an IPv6 address', async () => {
    for (let tried = 0; tried < GUESSES_MAX; tried += 1) {
      await guess(customer.username, `2001:db8:1:2::${tried + 1}`)
    }
    const neighbour = from('2001:db8:1:2:ffff:ffff:ffff:ffff')
    expect(await refusalOf(signIn(platform.url, mine(), neighbour))).toBe('sign-in-blocked')
    expect((await signIn(platform.url, mine(), from('2001:db8:1:3::1'))).token).toMatch(/\./)
  })
})

/** What a guess may be answered; the last two while too many of them wait. */
const LISTED = ['wrong-credentials', 'sign-in-blocked', 'too-busy', 'too-many-at-once']

const mine = () => ({ username: customer.username, password: PASSWORD })

/** Seconds until the next attempt, as the platform says. */
async function failUntilBlocked(url: string, username: string, address: string): Promise<number> {
  for (let tried = 0; tried <= GUESSES_MAX; tried += 1) {
    const answer = await guess(username, address, url)
    if (answer.status === 403) return Number(answer.headers.get('retry-after'))
  }
  throw new Error('It is not blocked.')
}
