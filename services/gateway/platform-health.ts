/**
 * The door is ready when every service behind it is that anything else depends on, by one of its
 * replicas at least.
 */
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
  const asked = await Promise.all(
    [...transports].map(async ([service, transport]) => {
      const each = guarded.get(service)?.replicas?.map(({ behind = transport }) => behind)
      const said = await Promise.all((each ?? [transport]).map((one) => ask(service, one)))
      return { service, said }
    }),
  )
  const breakers = [...guarded].flatMap(([service, transport]) => {
    const states = (transport.replicas ?? [transport]).map(({ breakerState }) => breakerState)
    return named(service, states)
  })
  return {
    ready: asked.every(({ service, said }) => BESIDE.has(service) || said.includes('ready')),
    details: Object.fromEntries(asked.flatMap(({ service, said }) => named(service, said))),
    breakers: Object.fromEntries(breakers),
  }
}

/** Replicas have numbers: where they are is nobody's business outside. */
const named = (service: ServiceName, states: readonly string[]): [string, string][] =>
  states.length === 1
    ? states.map((state) => [service, state])
    : states.map((state, i) => [`${service}/${i + 1}`, state])

async function ask(service: ServiceName, transport: Transport): Promise<string> {
  const headers = { [TIMEOUT_HEADER]: String(TIMEOUT_MS) }
  try {
    const answer = await transport.send({ service, method: 'GET', path: '/health/ready', headers })
    return answer.status === 200 ? 'ready' : 'not ready'
  } catch {
    return 'does not answer'
  }
}
