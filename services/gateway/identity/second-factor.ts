/** The second factor, asked for again before a request that cannot be taken back. */
import type { Send } from '@cnop/contract/call.ts'
import type { Route } from '@cnop/contract/route.ts'
import { checkSecondFactor } from '@cnop/contract/second-factor.ts'
import { idempotencyKeyOf } from '@cnop/kit/answer-call.ts'
import type { Caller, Customer } from '@cnop/kit/caller.ts'
import type { HttpRequest } from '@cnop/kit/http-server.ts'
import { bodyReader } from '@cnop/kit/json-body.ts'
import type { Visit } from '../admission/admit-request.ts'
import { askingAuth } from './ask-auth.ts'

/** Throws what auth refuses with; the caller it returns has been asked. */
export type PassSecondFactor = (request: HttpRequest, visit: Visit) => Promise<Caller>

const HEADER = 'x-second-factor'
const CODE_LENGTH_MAX = 64

export function secondFactorOf(route: Route, send: Send): PassSecondFactor | undefined {
  if (!route.secondFactor) return undefined
  const ask = askingAuth(send, checkSecondFactor)
  const readBody = route.body === undefined ? () => undefined : bodyReader(route.body)

  return async (request, { identity, address }) => {
    if (identity === undefined) throw new Error('The route has no customer to ask.')
    const purpose = purposeOf(route, request)
    readBody(request.body as string | undefined)
    await ask({
      body: {
        user_id: identity.caller.userId,
        ...codeOf(request),
        purpose,
        address,
        request_id: request.id,
      },
    })
    return askedFor(identity.caller)
  }
}

const askedFor = (caller: Customer): Caller => ({ ...caller, secondFactor: 'asked' })

/**
 * A code is good again for its purpose. A command that is repeated under its key has the same one;
 * any other request has its own, which nobody outside can name, so that its code is good once.
 * Nothing is spent on a request that its service would refuse for its form.
 */
function purposeOf(route: Route, { headers }: HttpRequest): string {
  const key = route.idempotent ? idempotencyKeyOf(headers) : undefined
  return `${route.name} ${key ?? crypto.randomUUID()}`
}

/** What is too long for a code is none. */
function codeOf({ headers }: HttpRequest): { code?: string } {
  const code = headers[HEADER]
  return typeof code === 'string' && code !== '' && code.length <= CODE_LENGTH_MAX ? { code } : {}
}
