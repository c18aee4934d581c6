/** The order service in this process, on a store and a market that the test has in its hands. */
import { type CallInput, requestOf, type WireAnswer } from '@cnop/contract/call.ts'
import type { Route } from '@cnop/contract/route.ts'
import { createMemoryBus } from '@cnop/kit/bus/memory-bus.ts'
import type { Caller } from '@cnop/kit/caller.ts'
import { createIds } from '@cnop/kit/ids.ts'
import { createLog } from '@cnop/kit/log.ts'
import type { Service } from '@cnop/kit/service.ts'
import type { Store } from '@cnop/kit/store/store.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { localTransport, signed } from '@cnop/kit/transport.ts'
import { ORDER_RULES_DEFAULT } from '@cnop/services/order/order-rules.ts'
import { createOrderService } from '@cnop/services/order/order-service.ts'

export const USER_ID = '01J0000000000000000000000A'

const CUSTOMER: Caller = {
  kind: 'customer',
  userId: USER_ID,
  username: 'in_process',
  sessionId: 'session',
  secondFactor: 'asked',
}

export type OrderInProcess = {
  /** As the door would ask on behalf of a signed-in customer, who waits this long at most. */
  ask<R extends Route>(route: R, input: CallInput<R>, waitMs?: number): Promise<WireAnswer>
  close(): Promise<void>
}

export async function startOrderInProcess(options: {
  readonly store: Store
  readonly callerSecret: string
  readonly now?: () => number
  readonly inventory?: Service
}): Promise<OrderInProcess> {
  const { store, callerSecret, now = Date.now, inventory } = options
  const service = await createOrderService({
    store,
    callerSecret,
    now,
    bus: createMemoryBus((error) => {
      throw error
    }),
    transports: new Map(inventory ? [['inventory', localTransport(inventory)]] : []),
    log: createLog({ level: 'silent', service: 'order' }),
    telemetry: createTelemetry({ processMetrics: false }),
    newId: createIds(now),
    rules: ORDER_RULES_DEFAULT,
    checkAnswers: true,
  })
  const transport = localTransport(service)
  return {
    ask(route, input, waitMs = 5_000) {
      const signing = { secret: callerSecret, now }
      const trace = { requestId: crypto.randomUUID(), deadline: now() + waitMs }
      return transport.send(signed(requestOf(route, input), CUSTOMER, signing, trace))
    },
    close: () => service.close(),
  }
}
