/**
 * What an operator does leaves a trace in the security log, also what is refused. An account can be
 * acted on before it has moved anything, so it is asked here, of auth, whether anybody has it.
 */
import { findUser } from '@cnop/contract/auth.ts'
import { call, type Send, type WireAnswer } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Route } from '@cnop/contract/route.ts'
import { recordOperatorAct } from '@cnop/contract/security-log.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import type { HttpRequest } from '@cnop/kit/http-server.ts'
import type { Log } from '@cnop/kit/log.ts'
import { type CallSigning, sendAs, type Transports } from '@cnop/kit/transport.ts'

export type Operator = Extract<Caller, { kind: 'operator' }>

/** Does the work of one request and keeps what became of it; throws what the work throws. */
export type KeepAct = (
  act: { readonly route: Route; readonly request: HttpRequest; readonly operator: Operator },
  work: () => Promise<WireAnswer>,
) => Promise<WireAnswer>

const DETAIL_LENGTH_MAX = 300
const SIGNED_BY = { kind: 'system', name: 'gateway' } as const

/** Reading changes nothing and is not kept. */
export const isAct = ({ method }: Route): boolean => method !== 'GET'

export function createActKeeper({
  transports,
  signing,
  log,
}: {
  readonly transports: Transports
  readonly signing: CallSigning
  readonly log: Log
}): KeepAct {
  const sendFor = (caller: Caller, request: HttpRequest): Send =>
    sendAs(caller, transports, signing, { requestId: request.id })

  /** The act stands whether it is kept or not, so what was to be kept goes to the log instead. */
  async function keep(request: HttpRequest, body: ActToKeep): Promise<void> {
    try {
      await call(sendFor(SIGNED_BY, request), recordOperatorAct, { body })
    } catch (err) {
      log.error({ ...body, err }, 'an act of an operator is not in the security log')
    }
  }

  return async ({ route, request, operator }, work) => {
    const asked = { route, request, operator }
    try {
      await refuseUnknownUser(sendFor(operator, request), request)
      const answer = await work()
      await keep(request, actOf(asked, readJson(answer.body)))
      return answer
    } catch (error) {
      const code = error instanceof Problem ? error.code : 'internal-error'
      await keep(request, actOf(asked, { code }))
      throw error
    }
  }
}

type ActToKeep = {
  readonly operator: string
  readonly detail: string
  readonly outcome: 'done' | 'refused'
  readonly user_id?: string
  readonly request_id: string
}

/** A user may have a name that looks like another's id: it must be the id that is found. */
async function refuseUnknownUser(send: Send, { params }: HttpRequest): Promise<void> {
  const { user_id: userId } = params as Record<string, string | undefined>
  if (userId === undefined) return
  const { data } = await call(send, findUser, { params: { username: userId } })
  if (data.user_id !== userId) throw new Problem('user-not-found')
}

function actOf({ route, request, operator }: Parameters<KeepAct>[0], answered: Fields): ActToKeep {
  const params = request.params as Record<string, string>
  const code = textOf(answered['code'])
  const reason = textOf(readJson(request.body)['reason'])
  const userId = params['user_id'] ?? textOf(fieldsOf(answered['data'])['user_id'])
  const deed = [route.name, ...Object.values(params)].join(' ')
  const ended = code === undefined ? deed : `${deed}, ${code}`
  const detail = reason === undefined ? ended : `${ended}: ${reason}`
  return {
    operator: operator.name,
    detail: detail.slice(0, DETAIL_LENGTH_MAX),
    outcome: code === undefined ? 'done' : 'refused',
    ...(userId === undefined ? {} : { user_id: userId }),
    request_id: request.id,
  }
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined

/** What is no JSON has no fields; the service that was asked has said so. */
function readJson(text: unknown): Fields {
  try {
    return typeof text === 'string' ? fieldsOf(JSON.parse(text)) : {}
  } catch {
    return {}
  }
}
