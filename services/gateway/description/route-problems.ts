/** Every code a route can answer: its own, and those of the door and of the shell it stands in. */
import { PROBLEM_CODES, type ProblemCode } from '@cnop/contract/problem.ts'
import type { Route } from '@cnop/contract/route.ts'

const ANY_ROUTE: readonly ProblemCode[] = [
  'malformed-request',
  'url-too-long',
  'rate-limited',
  'too-many-at-once',
  'headers-too-large',
  'internal-error',
  'overloaded',
  'shutting-down',
]
/** What the shell refuses before it looks whether the route wants a body. */
const OF_ANY_BODY: readonly ProblemCode[] = ['body-too-large', 'unsupported-media-type']
/** Of the part of the platform that knows the answer. */
const BEHIND_THE_DOOR: readonly ProblemCode[] = ['dependency-down', 'store-unavailable']
const WHEN_WRITING: readonly ProblemCode[] = ['contention', 'outcome-unknown']

const WHEN_ASKED_AGAIN: readonly ProblemCode[] = [
  'second-factor-required',
  'wrong-second-factor',
  'sign-in-blocked',
]

const hasFields = (schema: { readonly properties?: object }): boolean =>
  Object.keys(schema.properties ?? {}).length > 0

const takesInput = (route: Route): boolean =>
  route.idempotent || route.body !== undefined || hasFields(route.params) || hasFields(route.query)

/** In the order of the closed list. */
export function problemsOf(route: Route): readonly ProblemCode[] {
  const possible = new Set<ProblemCode>([...route.problems, ...ANY_ROUTE])
  const add = (...codes: readonly ProblemCode[]): void => {
    for (const code of codes) possible.add(code)
  }
  if (route.access === 'customer') add('not-signed-in')
  if (route.access !== 'public') add('bad-token', 'scope-missing', 'address-not-allowed')
  if (route.secondFactor) add(...WHEN_ASKED_AGAIN)
  if (route.access !== 'public' || route.service !== 'gateway') add(...BEHIND_THE_DOOR)
  if (route.body !== undefined) add('malformed-json')
  if (takesInput(route)) add('invalid-input')
  if (route.method !== 'GET') add(...OF_ANY_BODY, ...WHEN_WRITING)
  return PROBLEM_CODES.filter((code) => possible.has(code))
}
