/** The operator's program against a listener that verifies callers as the platform's own does. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findUser } from '@cnop/contract/auth.ts'
import { adjustBalance, setAccountStatus } from '@cnop/contract/balance.ts'
import { haltAsset, releaseAsset } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Route } from '@cnop/contract/route.ts'
import {
  endAllSessions,
  listSecurityEvents,
  resetSecondFactor,
  rotateSigningKey,
  type SecurityEvent,
} from '@cnop/contract/security-log.ts'
import type { Call } from '@cnop/kit/answer-call.ts'
import { createLog } from '@cnop/kit/log.ts'
import { createService, type Endpoint, type Service, serve } from '@cnop/kit/service.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'

const SECRET = 'a-secret-that-only-this-test-would-use'
const USER_ID = '01J9ZQ4M6T8R2V5X7Y0A3B4C5D'
const PROGRAM = join(import.meta.dirname, 'operator.ts')

let dataDir = ''
let listener: Service
let url = ''
/** What reached the platform, in order. */
let calls: { name: string; call: Call<Route> }[] = []
/** What the next changes of an account are refused with. */
let refusals: Problem[] = []

const recorded = (name: string, call: unknown): void => {
  calls.push({ name, call: call as Call<Route> })
}

const changed = (name: string, call: unknown): void => {
  recorded(name, call)
  const refusal = refusals.shift()
  if (refusal !== undefined) throw refusal
}

const ENDPOINTS: readonly Endpoint[] = [
  serve(findUser, async (call) => {
    recorded('findUser', call)
    if (!['alice_01', USER_ID].includes(call.params.username)) throw new Problem('user-not-found')
    return { data: { user_id: USER_ID, username: 'alice_01', email: 'alice@example.org' } }
  }),
  serve(setAccountStatus, async (call) => {
    changed('setAccountStatus', call)
    return { data: { user_id: call.params.user_id, status: call.body.status } }
  }),
  serve(adjustBalance, async (call) => {
    changed('adjustBalance', call)
    const timestamp = '2026-01-02T03:04:05.000Z'
    return { success: true, message: 'Adjusted', transaction_id: 'T1', timestamp }
  }),
  serve(haltAsset, async (call) => {
    changed('haltAsset', call)
    return { data: { asset_id: call.params.asset_id, halted: true } }
  }),
  serve(releaseAsset, async (call) => {
    changed('releaseAsset', call)
    return { data: { asset_id: call.params.asset_id, halted: false } }
  }),
  serve(rotateSigningKey, async (call) => {
    changed('rotateSigningKey', call)
    return { data: { kid: 'key-2' } }
  }),
  serve(resetSecondFactor, async (call) => {
    changed('resetSecondFactor', call)
    return { data: { user_id: USER_ID, username: call.params.username } }
  }),
  serve(endAllSessions, async (call) => {
    changed('endAllSessions', call)
    return { data: { user_id: USER_ID, username: call.params.username } }
  }),
  serve(listSecurityEvents, async (call) => {
    recorded('listSecurityEvents', call)
    const { limit = 100, cursor = '0' } = call.query
    const next = Number(cursor) + Math.min(limit, EVENTS_PER_PAGE)
    const data = EVENTS.slice(Number(cursor), next)
    const has_more = next < EVENTS.length
    return { data, has_more, ...(has_more ? { next_cursor: String(next) } : {}) }
  }),
]

const EVENTS_PER_PAGE = 2
const EVENTS: readonly SecurityEvent[] = [
  {
    ...{ event_id: 'E3', at: '2026-01-02T03:04:07.000Z', kind: 'sign-in-blocked' },
    ...{ outcome: 'refused', actor: 'alice_01', user_id: USER_ID, address: '203.0.113.7' },
    ...{ request_id: 'r-3', detail: 'the account, for 300 s' },
  },
  {
    ...{ event_id: 'E2', at: '2026-01-02T03:04:06.000Z', kind: 'sign-in-failed' },
    ...{ outcome: 'refused', address: '203.0.113.7', request_id: 'r-2' },
  },
  {
    ...{ event_id: 'E1', at: '2026-01-02T03:04:05.000Z', kind: 'operator-acted' },
    ...{ outcome: 'done', actor: 'grace', request_id: 'r-1', detail: 'halt BTC\u001b[2J\n' },
  },
]

beforeEach(async () => {
  calls = []
  refusals = []
  dataDir = mkdtempSync(join(tmpdir(), 'operator-'))
  writeFileSync(join(dataDir, 'caller-secret'), `${SECRET}\n`, { mode: 0o600 })
  listener = await createService({
    name: 'order',
    endpoints: ENDPOINTS,
    callerSecret: SECRET,
    log: createLog({ level: 'silent', service: 'order' }),
    telemetry: createTelemetry({ processMetrics: false }),
    now: () => Date.now(),
    checkAnswers: true,
  })
  url = await listener.app.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(async () => {
  await listener.close()
  rmSync(dataDir, { recursive: true })
})

type Outcome = { readonly code: number; readonly said: string; readonly complaint: string }

function operator(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const environment = { DATA_DIR: dataDir, INTERNAL_PORT: new URL(url).port, ...env }
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [PROGRAM, ...args],
      { env: environment },
      (_, said, complaint) => resolve({ code: child.exitCode ?? -1, said, complaint }),
    )
  })
}

const unknownOutcome = () => new Problem('outcome-unknown', { retryAfterSeconds: 0 })

const keys = () =>
  calls.map(({ call }) => call.idempotencyKey).filter((key): key is string => key !== undefined)

test.each([
  ['freeze', 'frozen'],
  ['release', 'active'],
])('%s makes the account %s, in the name of the operator', async (command, status) => {
  const { code, said } = await operator([command, 'alice_01', '--reason', 'asked', '--as', 'grace'])
  expect({ code, said }).toEqual({
    code: 0,
    said: `The account of alice_01 (${USER_ID}) is ${status}.\n`,
  })
  expect(calls.map(({ name }) => name)).toEqual(['findUser', 'setAccountStatus'])
  expect(calls[1]?.call).toMatchObject({
    caller: { kind: 'operator', name: 'grace' },
    params: { user_id: USER_ID },
    body: { status, reason: 'asked' },
  })
})

test.each([
  ['halt', 'haltAsset', 'Trading in BTC is halted.'],
  ['unhalt', 'releaseAsset', 'Trading in BTC is allowed.'],
])('%s changes the trading of one asset', async (command, route, line) => {
  expect(await operator([command, 'BTC', '--reason', 'a split'])).toMatchObject({
    code: 0,
    said: `${line}\n`,
  })
  expect(calls).toMatchObject([
    { name: route, call: { params: { asset_id: 'BTC' }, body: { reason: 'a split' } } },
  ])
})

test('an amount is taken away by its sign, and the event it corrects is named', async () => {
  const outcome = await operator([
    ...['adjust', USER_ID, 'BTC', '-0.25', '--reason', 'booked twice', '--corrects', '12'],
  ])
  expect(outcome).toMatchObject({
    code: 0,
    said: `The balance of alice_01 (${USER_ID}) is adjusted by -0.25 BTC: transaction T1.\n`,
  })
  expect(calls).toMatchObject([
    { name: 'findUser' },
    {
      name: 'adjustBalance',
      call: {
        params: { user_id: USER_ID },
        body: { asset_id: 'BTC', amount: '-0.25', reason: 'booked twice', corrects_event: 12 },
      },
    },
  ])
})

test('without --as the operator is the user of this system', async () => {
  await operator(['halt', 'BTC', '--reason', 'a split'])
  expect(calls[0]?.call.caller).toMatchObject({ kind: 'operator', name: /^\S+$/ })
})

test('an unknown outcome is settled by repeating the same key', async () => {
  refusals = [unknownOutcome(), unknownOutcome()]
  const outcome = await operator(['adjust', USER_ID, 'USD', '5', '--reason', 'goodwill'])
  expect(outcome.code).toBe(0)
  expect(keys()).toHaveLength(3)
  expect(new Set(keys()).size).toBe(1)
})

test('an outcome that stays unknown comes with the key to repeat', async () => {
  refusals = [unknownOutcome(), unknownOutcome(), unknownOutcome()]
  const command = ['adjust', USER_ID, 'USD', '5', '--reason', 'goodwill']
  const { code, complaint } = await operator(command)
  expect(code).toBe(1)
  const key = /--key (\S+),/.exec(complaint)?.[1] ?? ''
  expect((await operator([...command, '--key', key])).code).toBe(0)
  expect(keys()).toEqual([key, key, key, key])
})

test('two commands never share a key', async () => {
  await operator(['freeze', USER_ID, '--reason', 'asked'])
  await operator(['release', USER_ID, '--reason', 'asked'])
  expect(new Set(keys()).size).toBe(2)
})

test('a refusal is one sentence, with the field it is about', async () => {
  expect(await operator(['freeze', 'nobody_here', '--reason', 'asked'])).toEqual({
    code: 1,
    said: '',
    complaint: 'There is no such user.\n',
  })
  const { code, complaint } = await operator(['halt', 'btc', '--reason', 'a split'])
  expect(code).toBe(1)
  expect(complaint).toMatch(/^The input is not valid\. .*asset_id.*capital letters.*\n$/)
})

test('who does not have the secret of the platform is no operator', async () => {
  const env = { CALLER_SECRET: 'another-secret-of-32-characters-or-more' }
  expect(await operator(['freeze', USER_ID, '--reason', 'asked'], env)).toMatchObject({
    code: 1,
    complaint: 'The caller is not signed by this platform.\n',
  })
  expect(calls).toEqual([])
})

test('a platform that does not run is said to be none, and no secret is made for it', async () => {
  const empty = join(dataDir, 'empty')
  const command = ['freeze', USER_ID, '--reason', 'asked']
  expect(await operator(command, { DATA_DIR: empty })).toMatchObject({
    code: 1,
    complaint: expect.stringMatching(/^There is no secret to sign with at .*Start the platform/),
  })
  expect(existsSync(empty)).toBe(false)
  await listener.app.close()
  expect(await operator(command)).toMatchObject({
    code: 1,
    complaint: expect.stringMatching(/^Nothing listens at http:\/\/127\.0\.0\.1:\d+\. [^\n]*\n$/),
  })
})

test('the keys are rotated, and the new one is named', async () => {
  expect(await operator(['rotate-keys', '--reason', 'a leak', '--as', 'grace'])).toMatchObject({
    code: 0,
    said: 'Tokens are signed with the new key key-2.\n',
  })
  expect(calls).toMatchObject([
    {
      name: 'rotateSigningKey',
      call: { caller: { kind: 'operator', name: 'grace' }, body: { reason: 'a leak' } },
    },
  ])
})

test('the second factor is taken from the user who is meant, however they are named', async () => {
  const outcome = await operator(['reset-second-factor', USER_ID, '--reason', 'a lost phone'])
  expect(outcome).toMatchObject({
    code: 0,
    said: `The account of alice_01 (${USER_ID}) has no second factor.\n`,
  })
  expect(calls[1]).toMatchObject({
    name: 'resetSecondFactor',
    call: { params: { username: 'alice_01' }, body: { reason: 'a lost phone' } },
  })
})

test('the user who is meant is signed out, however they are named', async () => {
  const outcome = await operator(['sign-out', USER_ID, '--reason', 'a thief'])
  expect(outcome).toMatchObject({
    code: 0,
    said: `Every session of alice_01 (${USER_ID}) has ended.\n`,
  })
  expect(calls[1]).toMatchObject({
    name: 'endAllSessions',
    call: { params: { username: 'alice_01' }, body: { reason: 'a thief' } },
  })
})

test('the security log is a table of every page, and steers no terminal', async () => {
  const { code, said } = await operator(['security-log'])
  expect(code).toBe(0)
  const [headings, ...lines] = said.trimEnd().split('\n')
  expect(headings).toMatch(/^time \(UTC\) +event +outcome +who +address +request +detail$/)
  expect(lines).toEqual([
    `2026-01-02 03:04:07.000  sign-in-blocked  refused  alice_01 ${USER_ID}  203.0.113.7  r-3      the account, for 300 s`,
    `2026-01-02 03:04:06.000  sign-in-failed   refused  ${'-'.padEnd(35)}  203.0.113.7  r-2`,
    `2026-01-02 03:04:05.000  operator-acted   done     ${'grace'.padEnd(35)}  -            r-1      halt BTC\uFFFD[2J\uFFFD`,
  ])
})

test('the security log is asked for a day, a kind, a user and an address, and to a limit', async () => {
  const { said } = await operator([
    ...['security-log', '--day', '2026-01-02', '--kind', 'sign-in-failed', '--user', 'alice_01'],
    ...['--address', '203.0.113.7', '--limit', '1', '--json'],
  ])
  expect(
    said
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([EVENTS[0]])
  expect(calls[1]?.call.query).toEqual({
    day: '2026-01-02',
    kind: 'sign-in-failed',
    user_id: USER_ID,
    address: '203.0.113.7',
    limit: 1,
  })
})
