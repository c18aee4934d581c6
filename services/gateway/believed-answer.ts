/**
 * An answer that a route cannot give is none, and nothing of it reaches the customer. What came from
 * another process is held to its schema too; in this one the types have done that.
 */
import type { WireAnswer } from '@cnop/contract/call.ts'
import { PROBLEM_MEDIA_TYPE, PROBLEMS, Problem, ProblemBody } from '@cnop/contract/problem.ts'
import type { Route } from '@cnop/contract/route.ts'
import { Compile, type Validator } from 'typebox/compile'
import { cookieOut } from './browsers/refresh-cookie.ts'

/** The function it gives throws `dependency-down` for an answer that is not believed. */
export function believer(route: Route): (answer: WireAnswer) => WireAnswer {
  const isRight = answerCheck(route)
  return (answer) => {
    if (isProblem(answer) ? isRefusal(answer) : isRight(answer)) return withOwnCookie(route, answer)
    throw new Problem('dependency-down', {
      detail: `The ${route.service} service does not answer.`,
      retryAfterSeconds: 2,
      cause: `${route.name} answered ${answer.status} as ${answer.headers['content-type']}`,
    })
  }
}

export const isProblem = ({ headers }: WireAnswer): boolean =>
  headers['content-type']?.startsWith(PROBLEM_MEDIA_TYPE) === true

/** A schema is compiled when it is first needed: never, where all services share a process. */
function answerCheck(route: Route): (answer: WireAnswer) => boolean {
  let schema: Validator | undefined
  return ({ status, said }) => {
    if (status !== route.status || said === undefined) return status === route.status
    schema ??= Compile(route.answer)
    return schema.Check(said)
  }
}

const problemBody = Compile(ProblemBody)

function isRefusal({ status, said }: WireAnswer): boolean {
  if (status < 400 || said === undefined) return status >= 400
  return problemBody.Check(said) && said.status === status && Object.hasOwn(PROBLEMS, said.code)
}

function withOwnCookie(route: Route, answer: WireAnswer): WireAnswer {
  const set = answer.headers['set-cookie']
  if (set === undefined) return answer
  return { ...answer, headers: { ...answer.headers, 'set-cookie': cookieOut(route, set) } }
}
