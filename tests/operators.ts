/** An operator beside a running platform: by the command line, and by the routes behind it. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Send } from '@cnop/contract/call.ts'
import { SERVICE_NAMES } from '@cnop/contract/route.ts'
import { httpTransport } from '@cnop/kit/http-transport.ts'
import { sendAs } from '@cnop/kit/transport.ts'
import type { RunningPlatform } from './topologies.ts'

const OPERATOR = fileURLToPath(new URL('../services/operator.ts', import.meta.url))

/** What the command line said; rejects with its complaint when it ends with anything but 0. */
export function runOperator(
  { internalUrl, callerSecret }: Pick<RunningPlatform, 'internalUrl' | 'callerSecret'>,
  args: readonly string[],
): Promise<string> {
  const env = { INTERNAL_PORT: new URL(internalUrl).port, CALLER_SECRET: callerSecret }
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [OPERATOR, ...args, '--as', 'grace'],
      { env },
      (error, said, complaint) => (error === null ? resolve(said) : reject(complaint)),
    )
  })
}

export type OperatorDoor = {
  readonly send: Send
  /** The same door, by somebody whom nothing signs. */
  readonly unsigned: Send
}

export async function asOperator<T>(
  platform: Pick<RunningPlatform, 'internalUrl' | 'callerSecret'>,
  work: (door: OperatorDoor) => Promise<T>,
): Promise<T> {
  const signing = { secret: platform.callerSecret, now: Date.now }
  const door = httpTransport(platform.internalUrl)
  const transports = new Map(SERVICE_NAMES.map((service) => [service, door]))
  try {
    const send = sendAs({ kind: 'operator', name: 'grace' }, transports, signing)
    return await work({ send, unsigned: door.send })
  } finally {
    await door.close()
  }
}
