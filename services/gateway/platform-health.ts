/** The door is ready when every service behind it is that anything else depends on. */
import type { ServiceName } from '@cnop/contract/route.ts'
import { TIMEOUT_HEADER } from '@cnop/kit/deadline.ts'
import type { GuardedTransport } from '@cnop/kit/guard/guarded-transport.ts'
import type { Health } from '@cnop/kit/http-server.ts'
import type { Transport, Transports } from '@cnop/kit/transport.ts'

const TIMEOUT_MS = 1_000

/** Nobody else needs it: a platform without it is no reason to send customers elsewhere. */
const BESIDE: ReadonlySet<ServiceName> = new Set(['insights'])

/**
 * Questions at the same time share one round of answers. They go round the breakers, whose states are
 * told beside the answers.
 */
export function platformHealth(
  transports: Transports,
  guarded: ReadonlyMap<ServiceName, GuardedTransport>,
): () => Promise<Health> {
  let asking: Promise<Health> | undefined
  return () => {
    asking ??= askAll(transports, guarded).finally(() => {
      asking = undefined
    })
    return asking
  }
}

async function askAll(
  transports: Transports,
  guarded: ReadonlyMap<ServiceName, GuardedTransport>,
): Promise<Health> {
  const said = await Promise.all(
    [...transports].map(
      async ([service, transport]) => [service, await ask(service, transport)] as const,
    ),
  )
  const details = Object.fromEntries(said) as Record<ServiceName, string>
  const breakers = Object.fromEntries(
    [...guarded].map(([service, { breakerState }]) => [service, breakerState]),
  )
  const ready = said.every(([service, state]) => state === 'ready' || BESIDE.has(service))
  return { ready, details, breakers }
}

async function ask(service: ServiceName, transport: Transport): Promise<string> {
  const headers = { [TIMEOUT_HEADER]: String(TIMEOUT_MS) }
  try {
    const answer = await transport.send({ service, method: 'GET', path: '/health/ready', headers })
    return answer.status === 200 ? 'ready' : 'not ready'
  } catch {
    return 'does not answer'
  }
}
