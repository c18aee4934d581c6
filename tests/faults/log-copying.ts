/** The moment at which SQLite copies its log into the data file. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { RunningPlatform } from '../topologies.ts'

const COPY_MS_MAX = 3_000

/**
 * Kills the order service as soon as its data file begins to change. By itself the log is copied
 * every 16 MiB; here another process asks for it, as one that reads while customers trade may.
 */
export async function killAsLogIsCopied(platform: RunningPlatform, dataDir: string): Promise<void> {
  const file = join(dataDir, 'order.db')
  const changedAt = (): number => statSync(file).mtimeMs
  const before = changedAt()
  const copying = spawn(process.execPath, [join(import.meta.dirname, 'copy-log.ts'), file])
  const ended = once(copying, 'exit')
  const deadline = performance.now() + COPY_MS_MAX
  while (changedAt() === before && copying.exitCode === null && performance.now() < deadline)
    await pause(1)
  copying.kill('SIGKILL')
  await Promise.all([platform.kill('order'), ended])
}
