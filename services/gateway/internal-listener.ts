/** What only this machine may ask: the metrics, and what the operator's command line does. */
import { findUser } from '@cnop/contract/auth.ts'
import { adjustBalance, setAccountStatus } from '@cnop/contract/balance.ts'
import { haltAsset, listHalts, releaseAsset } from '@cnop/contract/inventory.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { Route } from '@cnop/contract/route.ts'
import {
  endAllSessions,
  listSecurityEvents,
  resetSecondFactor,
  rotateSigningKey,
} from '@cnop/contract/security-log.ts'
import type { Bus } from '@cnop/kit/bus/bus.ts'
import { CALLER_HEADER, verifyCaller } from '@cnop/kit/caller.ts'
import { createHttpServer, type HttpRequest } from '@cnop/kit/http-server.ts'
import type { Log } from '@cnop/kit/log.ts'
import { requestObserver } from '@cnop/kit/observe-requests.ts'
import type { Service } from '@cnop/kit/service.ts'
import type { Telemetry } from '@cnop/kit/telemetry.ts'
import type { CallSigning, Transports } from '@cnop/kit/transport.ts'
import { traceparentOf } from './admission/trace-context.ts'
import { forwardTo, passBack } from './forward-request.ts'
import { createActKeeper, isAct, type Operator } from './operator-acts.ts'
import { doubtAll } from './streams/session-watch.ts'

export const OPERATOR_ROUTES: readonly Route[] = [
  findUser,
  listHalts,
  haltAsset,
  releaseAsset,
  adjustBalance,
  setAccountStatus,
  listSecurityEvents,
  rotateSigningKey,
  resetSecondFactor,
  endAllSessions,
]

/** Listens nowhere by itself; meant for the loopback address only. */
export async function createInternalListener(parts: {
  readonly transports: Transports
  readonly callerSecret: string
  /** To the gateways, this one included. */
  readonly bus: Bus
  readonly log: Log
  readonly telemetry: Telemetry
  readonly now: () => number
}): Promise<Pick<Service, 'app' | 'close'>> {
  const { transports, callerSecret, bus, log, telemetry, now } = parts
  const signing: CallSigning = { secret: callerSecret, now }
  const observe = requestObserver({ service: 'gateway', telemetry, log, level: 'info' })
  const keepAct = createActKeeper({ transports, signing, log })
  const { app } = createHttpServer({ log })

  app.get('/metrics', async (_, reply) =>
    reply.type(telemetry.registry.contentType).send(await telemetry.registry.metrics()),
  )
  for (const route of OPERATOR_ROUTES) {
    const observed = observe({ name: route.name, timed: true })
    const forward = forwardTo(route, { transports, signing, bus })
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        observed.watch(reply.raw, () => ({ request_id: request.id }))
        void reply.header('x-request-id', request.id)
        const operator = operatorOf(request, signing)
        const traceparent = traceparentOf(request.headers['traceparent'])
        const work = () => forward(request, { caller: operator, traceparent })
        const answer = await (isAct(route) ? keepAct({ route, request, operator }, work) : work())
        if (answer.status === route.status && route === rotateSigningKey) doubtAll(bus)
        return passBack(reply, answer, operator)
      },
    })
  }
  await app.ready()
  return { app, close: () => app.close() }
}

function operatorOf(request: HttpRequest, signing: CallSigning): Operator {
  const header = request.headers[CALLER_HEADER]
  const given = typeof header === 'string' ? header : undefined
  const caller = verifyCaller(given, { secret: signing.secret, nowMs: signing.now() })
  if (caller.kind !== 'operator') throw new Problem('bad-signature')
  return caller
}
