/** The door is ready when every service behind it is. */
import type { ServiceName } from '@cnop/contract/route.ts'
import { TIMEOUT_HEADER } from '@cnop/kit/deadline.ts'
import type { Health } from '@cnop/kit/http-server.ts'
import type { Transport, Transports } from '@cnop/kit/transport.ts'

const TIMEOUT_MS = 1_000

/** Questions at the same time share one round of answers. */
export function platformHealth(transports: Transports): () => Promise<Health> {
  let asking: Promise<Health> | undefined
  return () => {
    asking ??= askAll(transports).finally(() => {
      asking = undefined
    })
    return asking
  }
}

async function askAll(transports: Transports): Promise<Health> {
  const said = await Promise.all(
    [...transports].map(async ([service, transport]) => [service, await ask(service, transport)]),
  )
  const details = Object.fromEntries(said) as Record<ServiceName, string>
  return { ready: Object.values(details).every((state) => state === 'ready'), details }
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
