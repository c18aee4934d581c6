/** Lets the commands of one turn of the event loop share one commit. */
import { performance } from 'node:perf_hooks'
import type { StoreFault } from './store.ts'

/** Bounds how long one commit keeps everything else from the event loop. */
const COMMANDS_PER_COMMIT_MAX = 256

/** One commit: how many transactions shared it, and how many of them were refused. */
export type CommitFigures = {
  readonly transactions: number
  readonly refused: number
  readonly durationMs: number
}

export type GroupCommit<Command> = {
  /** Settles when the commit it shares has ended. */
  submit(command: Command): Promise<void>
  /** Commits what still waits. */
  finish(): void
}

export function createGroupCommit<Command>({
  commit,
  onCommit,
}: {
  /** Gives the fault of each command that was not applied; never throws. */
  commit: (commands: readonly Command[]) => readonly (StoreFault | undefined)[]
  onCommit: ((figures: CommitFigures) => void) | undefined
}): GroupCommit<Command> {
  const waiting: { command: Command; settle: (fault: StoreFault | undefined) => void }[] = []

  return {
    submit(command) {
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(commitGroup)
        waiting.push({
          command,
          settle: (fault) => (fault === undefined ? resolve() : reject(fault)),
        })
      })
    },
    finish() {
      while (waiting.length > 0) commitGroup()
    },
  }

  function commitGroup(): void {
    const group = waiting.splice(0, COMMANDS_PER_COMMIT_MAX)
    if (group.length === 0) return
    if (waiting.length > 0) setImmediate(commitGroup)
    const startedMs = performance.now()
    const faults = commit(group.map(({ command }) => command))
    const durationMs = performance.now() - startedMs
    for (const [position, { settle }] of group.entries()) settle(faults[position])
    const refused = faults.filter((fault) => fault !== undefined).length
    onCommit?.({ transactions: group.length, refused, durationMs })
  }
}
