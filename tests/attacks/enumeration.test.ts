/** Who has an account here is told by no answer, no header and no clock. */
import { forgotPassword, resetPassword } from '@cnop/contract/password.ts'
import { login } from '@cnop/contract/session.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, newCustomer, newUsername, type RawAnswer, rawCall } from '../customers.ts'
import { type RunningPlatform, startTogether } from '../topologies.ts'

const SAMPLES = 40
/** Of the two medians. A name that is looked up and not hashed would be twenty times as fast. */
const RATIO_MAX = 3
/** Other work on this machine makes a difference now and then; one of the platform's own stays. */
const LOOKS = 3

let platform: RunningPlatform
let known: Customer

beforeAll(async () => {
  platform = await startTogether({
    env: {
      TRUSTED_PROXIES: '127.0.0.1',
      RATE_LIMIT_USER: '1000000',
      RATE_LIMIT_GATEWAY: '1000000',
    },
  })
  known = await newCustomer(platform.url)
})
afterAll(() => platform?.stop())

let addresses = 0
/** Nobody has asked from it before, so no block is in the way. */
function freshAddress(): string {
  addresses += 1
  return `203.0.${Math.floor(addresses / 250) + 1}.${(addresses % 250) + 1}`
}

type Asked = RawAnswer & { readonly tookMs: number }

async function ask(
  route: typeof login | typeof forgotPassword | typeof resetPassword,
  body: object,
  address = freshAddress(),
): Promise<Asked> {
  const headers = { 'x-forwarded-for': address }
  const from = performance.now()
  const answer = await rawCall(platform.url, route.method, route.path, {
    body: JSON.stringify(body),
    headers,
  })
  return { ...answer, tookMs: performance.now() - from }
}

const WRONG = 'this is not the password'
const signInAs = (username: string) => (address?: string) =>
  ask(login, { username, password: WRONG }, address)
const forget = (email: string) => (address?: string) => ask(forgotPassword, { email }, address)

/**
 * What a stranger could tell two answers apart by, beside the names and times of each. What remains
 * of the limit tells the time too: while two requests follow each other, one may have come back.
 */
function shownBy({ status, headers, body }: RawAnswer) {
  const { request_id: _, ...said } = JSON.parse(body)
  const {
    'x-request-id': _id,
    date: _date,
    'x-ratelimit-remaining': _remaining,
    'x-ratelimit-reset': _reset,
    ...names
  } = Object.fromEntries(headers)
  return { status, said, names }
}

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

type Way = (address?: string) => Promise<Asked>

async function medians(one: Way, other: Way): Promise<readonly [number, number]> {
  const tookMs: [number[], number[]] = [[], []]
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const turn = sample % 2
    for (const which of [turn, 1 - turn] as const) {
      tookMs[which === 0 ? 0 : 1].push((await (which === 0 ? one : other)()).tookMs)
    }
  }
  return [medianOf(tookMs[0]), medianOf(tookMs[1])]
}

const WAYS: readonly (readonly [string, () => Way, () => Way])[] = [
  ['a sign-in by name', () => signInAs(known.username), () => signInAs(newUsername())],
  [
    'a sign-in by address',
    () => signInAs(`${known.username}@example.org`),
    () => signInAs('nobody@example.org'),
  ],
  [
    'a forgotten password',
    () => forget(`${known.username}@example.org`),
    () => forget('nobody@example.org'),
  ],
]

describe.each(WAYS)('%s', (title, ofKnown, ofUnknown) => {
  it('answers alike whether there is such an account', async () => {
    const one = await ofKnown()()
    const other = await ofUnknown()()
    expect(shownBy(one)).toEqual(shownBy(other))
  })

  it('takes alike long whether there is such an account', { timeout: 120_000 }, async () => {
    let ratio = Number.POSITIVE_INFINITY
    for (let look = 0; look < LOOKS && ratio >= RATIO_MAX; look += 1) {
      const [ofOne, ofOther] = await medians(ofKnown(), ofUnknown())
      process.stdout.write(
        `${title}: ${ofOne.toFixed(1)} ms where there is an account, ${ofOther.toFixed(1)} ms where there is none (medians of ${SAMPLES})\n`,
      )
      ratio = Math.max(ofOne / ofOther, ofOther / ofOne)
    }
    expect(ratio).toBeLessThan(RATIO_MAX)
  })

  it('is blocked alike, after as many attempts', async () => {
    const until = async (way: Way): Promise<unknown[]> => {
      const address = freshAddress()
      const shown: unknown[] = []
      for (let attempt = 0; attempt < 8; attempt += 1) {
        const { status, said, names } = shownBy(await way(address))
        const { 'retry-after': _retry, ...rest } = names
        shown.push({ status, said: { ...said, detail: undefined }, names: rest })
      }
      return shown
    }
    expect(await until(ofKnown())).toEqual(await until(ofUnknown()))
  })
})

it('a link that was never sent is answered like one that is over', async () => {
  const password = { new_password: 'a sentence nobody guesses' }
  const one = await ask(resetPassword, { token: 'n'.repeat(43), ...password })
  const other = await ask(resetPassword, {
    token: `${'A'.repeat(40)}.${'B'.repeat(43)}`,
    ...password,
  })
  expect(shownBy(one)).toEqual(shownBy(other))
  expect(shownBy(one)).toMatchObject({ status: 422, said: { code: 'link-not-valid' } })
})
