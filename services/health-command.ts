/**
 * Asks the process of the same environment whether it lives, and ends with 1 where it does not: for
 * containers, in which there is neither a shell nor a client.
 */
import { readConfig } from '@cnop/kit/config.ts'
import { portOf } from './listen.ts'
import { CommandError, runCommand } from './run-command.ts'

const ANSWER_MS_MAX = 4_000
const EVERY_ADDRESS = ['0.0.0.0', '::']

async function askHealth(): Promise<string> {
  const config = readConfig()
  const [first = 'gateway'] = config.services
  const port = portOf(config, config.services.includes('gateway') ? 'gateway' : first)
  const host = EVERY_ADDRESS.includes(config.host) ? '127.0.0.1' : config.host
  const url = `http://${host}:${port}/health/live`
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) }).catch(
    (cause: unknown) => {
      throw new CommandError(`${url} does not answer.`, { cause })
    },
  )
  if (!answer.ok) throw new CommandError(`${url} answers ${answer.status}.`)
  return `${url} lives.`
}

if (import.meta.main) await runCommand(askHealth)
