/** What the door itself wants to know of auth, to let a customer pass. */
import { type CallInput, call, type Send } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { AnswerOf, Route } from '@cnop/contract/route.ts'
import { Compile } from 'typebox/compile'

const RETRY_AFTER_SECONDS = 2

/**
 * Throws the refusals of the route. Whatever else goes wrong says nothing of the customer, and
 * becomes `dependency-down`.
 */
export function askingAuth<R extends Route>(
  send: Send,
  route: R,
): (input: CallInput<R>) => Promise<AnswerOf<R>> {
  const schema = Compile(route.answer)
  return async (input) => {
    try {
      const answer = await call(send, route, input)
      if (schema.Check(answer)) return answer
      throw new Error('Auth answered outside its schema.')
    } catch (error) {
      if (error instanceof Problem && route.problems.includes(error.code)) throw error
      throw new Problem('dependency-down', {
        detail: 'Nobody can be identified at the moment.',
        retryAfterSeconds: retryAfterOf(error) ?? RETRY_AFTER_SECONDS,
        cause: error,
      })
    }
  }
}

const retryAfterOf = (error: unknown): number | undefined =>
  error instanceof Problem ? error.retryAfterSeconds : undefined
