/**
 * Asks a running platform, in random sequences, whatever its own description allows and what it does
 * not, and holds every answer to that description. What fails is shrunk to the shortest sequence
 * that still fails on this platform.
 */

import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import type { RunningPlatform } from '../topologies.ts'
import { Actor, ROLES, type Role } from './actors.ts'
import { type Answered, faultsOf } from './check-answer.ts'
import { type Operation, operationsOf } from './openapi.ts'
import { type Asking, sequencesOf } from './requests.ts'
import { Recalled } from './schema-values.ts'

/** The environment of a platform on which no limit stands in the way of the fuzz. */
export const UNLIMITED = {
  CHECK_ANSWERS: 'on',
  RATE_LIMIT_GATEWAY: '100000000',
  RATE_LIMIT_USER: '100000000',
  RATE_LIMIT_INVENTORY: '100000000',
  RATE_LIMIT_ORDER: '100000000',
  SIGN_IN_FAILURES_PER_ACCOUNT: '1000000',
  SIGN_IN_FAILURES_PER_ADDRESS: '1000000',
  DEPOSIT_PER_DAY_USD: '1000000.00',
} as const

export type Fuzzed = {
  readonly requests: number
  /** How often each operation was answered with each outcome: a status, or the code of a problem. */
  readonly outcomes: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** The seed and the shortest sequence that failed; absent when all went well. */
  readonly failure: string | undefined
}

type Sequence = [readonly Asking[]]

export async function runFuzz(
  platform: RunningPlatform,
  { seconds, seed }: { readonly seconds: number; readonly seed: number },
): Promise<Fuzzed> {
  const description = await (await fetch(`${platform.url}/openapi.json`)).json()
  const operations = operationsOf(description)
  const actors = await enter(platform)
  const outcomes = new Map<string, Map<string, number>>()
  let requests = 0
  const property = fc.asyncProperty(sequencesOf(operations), async (askings) => {
    for (const asking of askings) {
      requests += 1
      const actor = actors.get(asking.role) as Actor
      const outcome = await askOnce(platform, actor, asking)
      count(outcomes, asking.operation.id, outcome)
      if (ENDED.includes(outcome)) await actor.renew()
    }
  })
  const details = await fc.check(property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1000,
    endOnFailure: false,
  })
  return { requests, outcomes, failure: details.failed ? told(details) : undefined }
}

function told({
  seed,
  numShrinks,
  counterexample,
  errorInstance,
}: fc.RunDetails<Sequence>): string {
  const [askings = []] = counterexample ?? []
  const steps = askings.map(
    ({ role, operation, path, query, headers, body }) =>
      `  ${role}: ${operation.id} ${fc.stringify({ path, query, headers, body }).slice(0, 1_000)}`,
  )
  const fault = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  return [
    `seed ${seed}, shrunk ${numShrinks} times to`,
    ...steps,
    'of which the last:',
    fault,
  ].join('\n')
}

/** After these an actor can do nothing more. */
const ENDED: readonly string[] = ['bad-token', 'sign-in-blocked', 'too-many-keys', 'account-frozen']

async function enter(platform: RunningPlatform): Promise<ReadonlyMap<Role, Actor>> {
  const actors = new Map<Role, Actor>()
  for (const role of ROLES) {
    const actor = new Actor(role, platform)
    await actor.renew()
    actors.set(role, actor)
  }
  return actors
}

type Ready = {
  readonly url: string
  readonly init: {
    readonly method: string
    readonly headers: Record<string, string>
    readonly body?: string
  }
  /** The body as a value, where it is one. */
  readonly sent: unknown
}

/** Throws with the request and its answer when the answer is none that the description promises. */
async function askOnce(platform: RunningPlatform, actor: Actor, asking: Asking): Promise<string> {
  const { operation } = asking
  const ready = await resolved(platform.url, actor, asking)
  const answer = await send(ready)
  const faults = faultsOf(operation, answer)
  if (faults.length > 0) throw new Error(report(asking, ready, answer, faults))
  if (answer.status >= 400) return JSON.parse(answer.body ?? '{}').code
  if (answer.body !== undefined && /json/.test(answer.headers.get('content-type') ?? '')) {
    actor.learn(operation.id, ready.sent, JSON.parse(answer.body))
  }
  return String(answer.status)
}

async function resolved(url: string, actor: Actor, asking: Asking): Promise<Ready> {
  const { operation, path, query, headers, body } = asking
  const known = async (value: unknown): Promise<unknown> => {
    if (value instanceof Recalled) return actor.recall(value)
    if (Array.isArray(value)) return Promise.all(value.map(known))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      await Promise.all(
        Object.entries(value).map(async ([name, item]) => [name, await known(item)] as const),
      ),
    )
  }
  const texts = async (values: Readonly<Record<string, unknown>>) =>
    Object.entries((await known(values)) as Record<string, unknown>).map(
      ([name, value]) => [name, asText(value)] as const,
    )
  const inPath = new Map(await texts(path))
  const filled = operation.path.replace(/\{([a-z_]+)\}/g, (_, name: string) =>
    encodeURIComponent(inPath.get(name)?.toWellFormed() ?? ''),
  )
  const search = new URLSearchParams((await texts(query)).map(([name, value]) => [name, value]))
  const given = (await texts(headers)).map(([name, value]) => [name, headerText(value)] as const)
  const sent = body !== undefined && 'json' in body ? await known(body.json) : undefined
  const text = body === undefined ? undefined : 'text' in body ? body.text : JSON.stringify(sent)
  return {
    url: `${url}${filled}${search.size > 0 ? `?${search}` : ''}`,
    sent,
    init: {
      method: operation.method,
      headers: {
        ...Object.fromEntries(given),
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...(actor.token === undefined ? {} : { authorization: `Bearer ${actor.token}` }),
        ...(actor.cookie !== undefined && operation.path.includes('/auth/')
          ? { cookie: actor.cookie }
          : {}),
      },
      ...(text === undefined ? {} : { body: text }),
    },
  }
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')

/** What may stand in a header at all. */
const headerText = (value: string): string => value.replace(/[^\x20-\x7e]/g, '?').slice(0, 2_000)

async function send({ url, init }: Ready): Promise<Answered> {
  const leaving = new AbortController()
  const from = performance.now()
  const answer = await fetch(url, { ...init, signal: leaving.signal })
  const streamed = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  const body = streamed ? undefined : await answer.text()
  const tookMs = performance.now() - from
  if (streamed) {
    leaving.abort()
    await pause(1)
  }
  return { status: answer.status, headers: answer.headers, body, tookMs }
}

function report(asking: Asking, { url, init }: Ready, answer: Answered, faults: readonly string[]) {
  return [
    ...faults,
    `${asking.role}: ${init.method} ${url}`,
    ...Object.entries(init.headers).map(([name, value]) => `${name}: ${value}`),
    init.body?.slice(0, 2_000) ?? '',
    `answered ${answer.status}: ${answer.body?.slice(0, 2_000) ?? '(a stream)'}`,
  ].join('\n')
}

function count(
  outcomes: Map<string, Map<string, number>>,
  operation: string,
  outcome: string,
): void {
  const of = outcomes.get(operation) ?? new Map<string, number>()
  of.set(outcome, (of.get(outcome) ?? 0) + 1)
  outcomes.set(operation, of)
}

/** One line for each operation, for a person. */
export const printed = ({ requests, outcomes }: Fuzzed): string =>
  [
    `${requests} requests`,
    ...[...outcomes]
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(
        ([operation, of]) =>
          `  ${operation}: ${[...of].map(([name, n]) => `${name} ${n}`).join(', ')}`,
      ),
  ].join('\n')

/** Operations that were never answered with success, and those that were never refused. */
export function uncovered(operations: readonly Pick<Operation, 'id'>[], { outcomes }: Fuzzed) {
  const met = (id: string): readonly string[] => [...(outcomes.get(id)?.keys() ?? [])]
  const isDone = (outcome: string): boolean => /^2[0-9]{2}$/.test(outcome)
  const ids = operations.map(({ id }) => id)
  return {
    neverDone: ids.filter((id) => !met(id).some(isDone)),
    neverRefused: ids.filter((id) => met(id).every(isDone)),
  }
}
