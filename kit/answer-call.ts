/**
 * From a request to its answer, whichever way the request came: the caller is verified, the input
 * checked, the handler asked, and a refusal is an answer like any other.
 */
import type { IncomingMessage } from 'node:http'
import type { WireAnswer } from '@cnop/contract/call.ts'
import { PROBLEM_MEDIA_TYPE, Problem } from '@cnop/contract/problem.ts'
import type { AnswerOf, BodyOf, ParamsOf, QueryOf, Route } from '@cnop/contract/route.ts'
import { Compile } from 'typebox/compile'
import { CALLER_HEADER, type Caller, verifyCaller } from './caller.ts'
import { TIMEOUT_HEADER, TIMEOUT_MS_DEFAULT } from './deadline.ts'
import { refusalAnswer } from './http-server.ts'
import { bodyReader, textReader } from './json-body.ts'
import type { Log } from './log.ts'
import type { Observe } from './observe-requests.ts'

/** One request as a handler sees it: everything checked, nothing of HTTP left. */
export type Call<R extends Route> = {
  readonly params: ParamsOf<R>
  readonly query: QueryOf<R>
  readonly body: BodyOf<R>
  readonly caller: Caller
  readonly requestId: string
  readonly idempotencyKey: string | undefined
  /** When the caller stops waiting: epoch milliseconds. */
  readonly deadline: number
  readonly headers: IncomingMessage['headers']
}

/** An answer whose exact bytes are kept, such as one replayed for its idempotency key. */
export class StoredAnswer {
  readonly status: number
  readonly body: string
  readonly replayed: boolean

  constructor(answer: { status: number; body: string; replayed: boolean }) {
    this.status = answer.status
    this.body = answer.body
    this.replayed = answer.replayed
  }
}

/** An answer that is text already, with headers of its own, such as how long it may be kept. */
export class WrittenAnswer {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>

  constructor(body: string, headers: Readonly<Record<string, string>>) {
    this.body = body
    this.headers = headers
  }
}

/** Answers a call, or throws the `Problem` it is refused with. */
export type Handler<R extends Route> = (
  call: Call<R>,
) => Promise<AnswerOf<R> | StoredAnswer | WrittenAnswer>
/** A request as an endpoint sees it, whichever way it came. */
export type Asked = {
  readonly path: string
  readonly params: unknown
  readonly query: unknown
  readonly headers: IncomingMessage['headers']
  readonly body: string | undefined
  readonly requestId: string
}

/** Never rejects: a refusal is an answer. */
export type Answerer = (asked: Asked) => Promise<WireAnswer>

/** What answering needs beside the handler. */
export type Answering = {
  readonly callerSecret: string
  readonly now: () => number
  readonly log: Log
  readonly observe: Observe
  readonly checkAnswers?: boolean
}

export function responder(route: Route, handle: Handler<Route>, parts: Answering): Answerer {
  const read = callReader(route, parts)
  const checkAnswer = parts.checkAnswers ? answerChecker(route) : undefined
  const respond: Answerer = async (asked) => {
    try {
      const answer = written(route, await handle(read(asked)), checkAnswer)
      return { ...answer, headers: { ...answer.headers, 'x-request-id': asked.requestId } }
    } catch (error) {
      return refusalAnswer(error, { ...asked, log: parts.log })
    }
  }
  return async (asked) => {
    const startedAt = performance.now()
    const answer = await respond(asked)
    parts.observe.answered({ status: answer.status, startedAt }, () => ({
      request_id: asked.requestId,
    }))
    return answer
  }
}

export function callReader(
  route: Route,
  parts: Pick<Answering, 'callerSecret' | 'now'>,
): (asked: Asked) => Call<Route> {
  const readParams = textReader(route.params)
  const readQuery = textReader(route.query)
  const readBody = route.body === undefined ? () => ({}) : bodyReader(route.body)
  return ({ params, query, headers, body, requestId }) => {
    const nowMs = parts.now()
    const header = headers[CALLER_HEADER]
    const caller = verifyCaller(typeof header === 'string' ? header : undefined, {
      secret: parts.callerSecret,
      nowMs,
    })
    admit(route, caller)
    const timeoutMs = Number(headers[TIMEOUT_HEADER]) || TIMEOUT_MS_DEFAULT
    return {
      params: readParams(params) as Record<string, unknown>,
      query: readQuery(query) as Record<string, unknown>,
      body: readBody(body),
      caller,
      requestId,
      idempotencyKey: route.idempotent ? idempotencyKeyOf(headers) : undefined,
      deadline: nowMs + timeoutMs,
      headers,
    }
  }
}

function admit(route: Route, caller: Caller): void {
  const { access } = route
  if (access === 'customer' && caller.kind !== 'customer') throw new Problem('not-signed-in')
  refuseBeyondScope(route, caller)
  if (route.secondFactor && caller.kind === 'customer' && caller.secondFactor !== 'asked') {
    throw new Problem('second-factor-required')
  }
  if (access === 'internal' && caller.kind !== 'system') throw new Problem('bad-signature')
  if (access === 'operator' && caller.kind !== 'operator') throw new Problem('bad-signature')
}

/** An API key opens what its scopes say, and never what is for people alone. */
export function refuseBeyondScope({ scope }: Pick<Route, 'scope'>, caller: Caller): void {
  if (caller.kind !== 'customer' || caller.scopes === undefined || scope === undefined) return
  if (scope === 'session') {
    throw new Problem('scope-missing', { detail: 'No API key may do this: sign in.' })
  }
  if (!caller.scopes.includes(scope)) {
    throw new Problem('scope-missing', { detail: `This needs a key with the scope ${scope}.` })
  }
}

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{16,255}$/

export function idempotencyKeyOf(headers: Asked['headers']): string | undefined {
  const key = headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && IDEMPOTENCY_KEY.test(key)) return key
  throw new Problem('invalid-input', {
    errors: [{ field: 'Idempotency-Key', message: 'Use 16 to 255 printable characters.' }],
  })
}

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8'

type CheckAnswer = ((answer: unknown) => void) | undefined

/** The bytes of an answer. */
function written(
  route: Route,
  answer: Awaited<ReturnType<Handler<Route>>>,
  checkAnswer: CheckAnswer,
): WireAnswer {
  if (answer instanceof StoredAnswer) return stored(answer, checkAnswer)
  const json = route.media === 'application/json'
  const media = { 'content-type': json ? JSON_MEDIA_TYPE : route.media }
  const { status } = route
  if (answer instanceof WrittenAnswer) {
    checkAnswer?.(json ? JSON.parse(answer.body) : answer.body)
    return { status, headers: { ...media, ...answer.headers }, body: answer.body }
  }
  checkAnswer?.(answer)
  return { status, headers: media, body: json ? JSON.stringify(answer) : String(answer) }
}

function stored({ status, body, replayed }: StoredAnswer, checkAnswer: CheckAnswer): WireAnswer {
  if (status < 400) checkAnswer?.(JSON.parse(body))
  return {
    status,
    headers: {
      'content-type': status < 400 ? JSON_MEDIA_TYPE : PROBLEM_MEDIA_TYPE,
      ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
    },
    body,
  }
}

function answerChecker(route: Route): (answer: unknown) => void {
  const validator = Compile(route.answer)
  return (answer) => {
    const wire: unknown = JSON.parse(JSON.stringify(answer))
    if (validator.Check(wire)) return
    const misfits = validator.Errors(wire).map((error) => `${error.instancePath} ${error.message}`)
    throw new Error(`${route.name} answered outside its schema: ${misfits.slice(0, 5).join('; ')}`)
  }
}
