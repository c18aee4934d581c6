/** What pages are written from: public routes and no others, asked as anyone may, and kept as for anyone. */
import type { Send } from '@cnop/contract/call.ts'
import { type Capabilities, getCapabilities } from '@cnop/contract/capabilities.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { PUBLIC_ROUTES } from '@cnop/contract/public-routes.ts'
import { API_BASE } from '@cnop/contract/route.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import { type CallSigning, sendAs, type Transports } from '@cnop/kit/transport.ts'
import { believer } from '../believed-answer.ts'
import { seenFromOutside } from '../forward-request.ts'
import type { KeptAnswers } from '../kept-answers.ts'

const ANYONE: Caller = { kind: 'anonymous' }
/** A page whose answers take longer is drawn by the browser. */
const ANSWER_MS_MAX = 1_500

const PUBLIC = PUBLIC_ROUTES.filter(
  ({ access, method, media }) =>
    access === 'public' && method === 'GET' && media === 'application/json',
).map((route) => ({
  route,
  path: new RegExp(`^${route.path.replace(/:[a-z_]+/g, '[^/?]+')}(\\?|$)`),
  believed: believer(route),
}))

export function publicAsker(parts: {
  readonly transports: Transports
  readonly signing: CallSigning
  readonly kept: KeptAnswers
  readonly capabilities: Capabilities
}): Send {
  const { transports, signing, kept } = parts
  const capabilities = {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ data: parts.capabilities }),
  }
  return async (wire) => {
    const asked = PUBLIC.find(
      ({ route, path }) =>
        route.service === wire.service && route.method === wire.method && path.test(wire.path),
    )
    if (asked === undefined) throw new Problem('route-not-found')
    if (asked.route === getCapabilities) return capabilities
    const { status, headers, body } = await kept.answerTo(API_BASE + wire.path, async () => {
      const deadline = signing.now() + ANSWER_MS_MAX
      const send = sendAs(ANYONE, transports, signing, { deadline })
      return seenFromOutside(asked.believed(await send(wire)))
    })
    return { status, headers, body: body.toString() }
  }
}
