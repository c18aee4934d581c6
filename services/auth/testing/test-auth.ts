/** For tests: the auth service as its callers reach it, with a clock that stands until it is moved. */
import { Writable } from 'node:stream'
import { type RegisterBody, register } from '@cnop/contract/auth.ts'
import { call, requestOf, type Send, type WireAnswer } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { login, validateToken } from '@cnop/contract/session.ts'
import { createMemoryCache } from '@cnop/kit/cache/memory-cache.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import { createLog } from '@cnop/kit/log.ts'
import type { Letter } from '@cnop/kit/mail/mail.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { localTransport, sendAs } from '@cnop/kit/transport.ts'
import { onTestFinished } from 'vitest'
import type { AuthRules } from '../auth-rules.ts'
import { type AuthServiceParts, createAuthService } from '../auth-service.ts'
import { loadSecurityEvent, securityDayPartition } from '../security-log/security-event-rows.ts'

export const SECRET = 'a-secret-that-only-tests-would-use'
export const PUBLIC_URL = 'http://127.0.0.1:8080'
export const PASSWORD = 'correct horse battery'
/** Argon2 as quick as it can be. */
export const CHEAP = { memoryKib: 8, passes: 1, parallelism: 1 }
export const START = Date.parse('2026-03-01T12:00:00.000Z')
export const ADDRESS = '203.0.113.7'

export const RULES: AuthRules = {
  accessTokenMinutes: 10,
  sessionDays: 30,
  sessionIdleDays: 7,
  signingKeyDays: 30,
  signInFailuresPerAccount: 5,
  signInFailuresPerAddress: 100,
  signInWindowSeconds: 300,
  signInBlockSeconds: 300,
  registrationsPerAddress: 1000,
  securityLogDays: 365,
}

/** The only clock of a test; replicas share it. */
export type TestClock = { nowMs: number }

export type TestAuthOptions = Partial<
  Pick<AuthServiceParts, 'store' | 'cache' | 'publicUrl' | 'callerSecret'>
> & {
  readonly clock?: TestClock
  readonly rules?: Partial<AuthRules>
  readonly passwordCost?: typeof CHEAP
  /** Takes what the service logs. */
  readonly logged?: string[]
}

export type TestAuth = Awaited<ReturnType<typeof startAuth>>

let idsMade = 0
function newId(): string {
  idsMade += 1
  return `id${String(idsMade).padStart(8, '0')}`
}

export async function startAuth(options: TestAuthOptions = {}) {
  const clock = options.clock ?? { nowMs: START }
  const now = (): number => clock.nowMs
  const store = options.store ?? createMemoryStore({ now })
  const { callerSecret = SECRET } = options
  const letters: Letter[] = []
  const destination = new Writable({
    write(chunk, _, done) {
      options.logged?.push(String(chunk))
      done()
    },
  })
  const service = await createAuthService({
    store,
    cache: options.cache ?? createMemoryCache(),
    mail: {
      send: async (letter) => void letters.push(letter),
      close: async () => {},
    },
    rules: { ...RULES, ...options.rules },
    callerSecret,
    log: createLog({ level: 'trace', service: 'auth', destination }),
    telemetry: createTelemetry({ processMetrics: false }),
    now,
    newId,
    publicUrl: options.publicUrl ?? PUBLIC_URL,
    passwordCost: options.passwordCost ?? CHEAP,
    checkAnswers: true,
  })
  onTestFinished(() => service.close())
  const transports = new Map([['auth' as const, localTransport(service)]])
  const as = (caller: Caller): Send => sendAs(caller, transports, { secret: callerSecret, now })
  return {
    store,
    clock,
    now,
    letters,
    as,
    anybody: as({ kind: 'anonymous', address: ADDRESS }),
    gateway: as({ kind: 'system', name: 'gateway' }),
    operator: as({ kind: 'operator', name: 'grace' }),
    close: () => service.close(),
  }
}

export const person = (username: string, fields: Partial<RegisterBody> = {}): RegisterBody => ({
  username,
  email: `${username}@example.org`,
  password: PASSWORD,
  first_name: 'Ada',
  last_name: "O'Neill-Smith",
  ...fields,
})

export const registered = (
  auth: TestAuth,
  username = 'ada_lovelace',
  fields: Partial<RegisterBody> = {},
) => call(auth.anybody, register, { body: person(username, fields) })

export const signIn = (auth: TestAuth, username = 'ada_lovelace', password = PASSWORD) =>
  call(auth.anybody, login, { body: { username, password } })

export const validated = async (auth: TestAuth, token: string) =>
  (await call(auth.gateway, validateToken, { body: { token } })).data

export type TestCustomer = Awaited<ReturnType<typeof customerBehind>>

/** Registers and signs in: the customer as the gateway would sign the calls. */
export async function newCustomer(
  auth: TestAuth,
  username = 'ada_lovelace',
  fields: Partial<RegisterBody> = {},
) {
  await registered(auth, username, fields)
  return customerBehind(auth, (await signIn(auth, username)).access_token)
}

export async function customerBehind(auth: TestAuth, token: string) {
  const { user_id: userId, username, session_id: sessionId } = await validated(auth, token)
  const caller = { kind: 'customer', userId, username, sessionId, address: ADDRESS } as const
  return {
    userId,
    sessionId,
    token,
    send: auth.as(caller),
    /** As the door signs a call for which it has asked for the second factor. */
    sendAsked: auth.as({ ...caller, secondFactor: 'asked' }),
  }
}

/** Signs in and answers what came back with its headers, the refresh cookie among them. */
export const signInAnswer = (auth: TestAuth, username = 'ada_lovelace'): Promise<WireAnswer> =>
  auth.anybody(requestOf(login, { body: { username, password: PASSWORD } }))

export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const answer = await work.catch((error: unknown) => error)
  if (answer instanceof Problem) return answer
  throw new Error(`expected a problem, got ${JSON.stringify(answer)}`)
}

export const codeOf = async (work: Promise<unknown>) => (await problemOf(work)).code

/** The fields that a 422 names. */
export async function fieldsOf(work: Promise<unknown>): Promise<string[]> {
  const { code, errors } = await problemOf(work)
  if (code !== 'invalid-input') throw new Error(`expected invalid-input, got ${code}`)
  return errors.map(({ field }) => field)
}

export const codesOf = async (works: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(works)).map((result) =>
    result.status === 'fulfilled' ? 'done' : (result.reason as Problem).code,
  )

/** The store, slow from chance, so that everything overlaps. */
export const dawdling = (store: Store): Store =>
  createDawdlingStore({
    store,
    chance: systemCommitClock.random,
    pause: systemCommitClock.pause,
    pauseMsMax: 4,
  })

/** What the security log keeps of the day of the test's clock, the oldest first. */
export async function securityEventsIn({ store, now }: Pick<TestAuth, 'store' | 'now'>) {
  const day = new Date(now()).toISOString().slice(0, '2026-01-31'.length)
  const { rows } = await store.query(securityDayPartition(day), { limit: 1000 })
  return rows.map(({ sk, row }) => loadSecurityEvent(sk, row))
}
