import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

const TASKS = '/proc/self/task'
/** Each weighs a tenth of the thread that trades. With less, garbage would wait too long. */
const NICE = 10

/**
 * Lets the threads that V8 collects garbage with step back behind the thread that trades: on a core
 * that all of them share they would have most of it for a tenth of a second, every few seconds.
 * Only Linux has threads with a priority of their own.
 */
export function putCollectorsBehind(): void {
  if (!existsSync(TASKS)) return
  for (const thread of readdirSync(TASKS)) {
    const name = readFileSync(`${TASKS}/${thread}/comm`, 'utf8')
    if (name.includes('V8Worker')) setPriority(Number(thread), NICE)
  }
}
