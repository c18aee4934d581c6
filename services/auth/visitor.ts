/** Where a request came from, as sessions and the security log keep it. */
import type { Route } from '@cnop/contract/route.ts'
import type { Call } from '@cnop/kit/answer-call.ts'

export type Visitor = {
  readonly address: string
  /** What the client calls itself, shortened. */
  readonly userAgent: string
  readonly requestId: string
}

const USER_AGENT_LENGTH_MAX = 200

export const visitorOf = ({
  caller,
  headers,
  requestId,
}: Pick<Call<Route>, 'caller' | 'headers' | 'requestId'>): Visitor => ({
  address: caller.address ?? '',
  userAgent: (headers['user-agent'] ?? '').slice(0, USER_AGENT_LENGTH_MAX),
  requestId,
})
