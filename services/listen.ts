/** Which port a service has; opened, or a sentence that says why it cannot be had. */
import type { AddressInfo } from 'node:net'
import type { ServiceName } from '@cnop/contract/route.ts'
import type { Config } from '@cnop/kit/config.ts'
import type { Service } from '@cnop/kit/service.ts'

/** The message is a sentence for the person who starts the platform. */
export class PortError extends Error {}

const PORT_TROUBLE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'no address is known under that name',
  EAI_AGAIN: 'no address is known under that name',
}

/** Where a service listens when it is not behind a gateway of the same process. */
export function portOf(config: Config, name: ServiceName): number {
  const ports = {
    gateway: config.gatewayPort,
    auth: config.authPort,
    user: config.userPort,
    inventory: config.inventoryPort,
    order: config.orderPort,
    insights: config.insightsPort,
  }
  return ports[name]
}

/** Its address. */
export async function listenOn(
  app: Service['app'],
  at: { host: string; port: number },
): Promise<string> {
  try {
    await app.listen({ host: at.host, port: at.port })
  } catch (cause) {
    const trouble = PORT_TROUBLE[(cause as NodeJS.ErrnoException).code ?? '']
    if (trouble === undefined) throw cause
    throw new PortError(
      `Cannot listen on ${at.host}:${at.port}: ${trouble}. Choose another port or address.`,
      { cause },
    )
  }
  const { port } = app.server.address() as AddressInfo
  return `http://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}`
}
