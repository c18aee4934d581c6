/** Where commands go: one queue per account, then the store. */

import { createCommandQueue } from './command-queue.ts'
import { type Answer, type Command, commitCommands, type LedgerParts } from './commit-command.ts'

export type Ledger = {
  /** Resolves once the change is durable. Throws the `Problem` that is no answer of its own. */
  commit(command: Command): Promise<Answer>
}

/** A group reads at most 50 rows and writes at most 66: half of what one transaction may. */
const GROUP_MAX = 16
const WAITING_MAX = 512

export function createLedger(parts: LedgerParts): Ledger {
  const queue = createCommandQueue({
    run: (commands: readonly Command[]) => commitCommands(parts, commands),
    groupMax: GROUP_MAX,
    waitingMax: WAITING_MAX,
  })
  return {
    async commit(command) {
      const ending = await queue.submit(command.asked.userId, command)
      if ('thrown' in ending) throw ending.thrown
      return ending.answer
    },
  }
}
