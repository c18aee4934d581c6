/** A backup or its restore is killed half way: what it leaves passes for nothing that it is not. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { booksOf } from '../audits.ts'
import { startProcess } from '../topologies.ts'

type Command = 'backup-command.ts' | 'restore-command.ts'

function start(command: Command, dataDir: string, folder: string) {
  const file = fileURLToPath(new URL(`../../services/${command}`, import.meta.url))
  return spawn(process.execPath, [file, folder], { env: { DATA_DIR: dataDir } })
}

type Ended = { readonly code: number | null; readonly said: string }

async function run(command: Command, dataDir: string, folder: string): Promise<Ended> {
  const child = start(command, dataDir, folder)
  child.stdout.resume()
  const [said] = await Promise.all([text(child.stderr), once(child, 'exit')])
  return { code: child.exitCode, said }
}

async function runWhole(command: Command, dataDir: string, folder: string): Promise<void> {
  const { code, said } = await run(command, dataDir, folder)
  assert.equal(code, 0, said)
}

/** Kills it so long after its folder has something in it; true when it had not ended before. */
async function killInside(child: ChildProcess, folder: string, afterMs: number): Promise<boolean> {
  child.stdout?.resume()
  child.stderr?.resume()
  const ended = once(child, 'exit')
  const filled = () => existsSync(folder) && readdirSync(folder).length > 0
  while (!filled() && child.exitCode === null) await pause(1)
  await pause(afterMs)
  child.kill('SIGKILL')
  await ended
  return child.signalCode === 'SIGKILL'
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cnop-kill-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** What a killed backup leaves is refused, or is whole; the next backup into a new folder is. */
export const killBackup = (
  dataDir: string,
  chance: () => number,
  onKilled: () => Promise<void>,
): Promise<boolean> =>
  inFolder(async (folder) => {
    const [killed, next, copy] = ['killed', 'next', 'copy'].map((name) => join(folder, name))
    assert.ok(killed && next && copy)
    const hit = await killInside(start('backup-command.ts', dataDir, killed), killed, 80 * chance())
    await onKilled()
    const { code, said } = await run('restore-command.ts', copy, killed)
    if (code === 0) assert.equal((await booksOf(copy)).broken, undefined)
    else assert.match(said, /is no backup, or not a whole one|nothing is overwritten/)
    await runWhole('backup-command.ts', dataDir, next)
    return hit
  })

/** Nothing starts on what a killed restore leaves, unless it is whole; in a new folder it goes through. */
export const killRestore = (dataDir: string, chance: () => number): Promise<boolean> =>
  inFolder(async (folder) => {
    const [backup, killed, copy] = ['backup', 'killed', 'copy'].map((name) => join(folder, name))
    assert.ok(backup && killed && copy)
    await runWhole('backup-command.ts', dataDir, backup)
    const restoring = start('restore-command.ts', killed, backup)
    const hit = await killInside(restoring, killed, 60 * chance())
    await runWhole('restore-command.ts', copy, backup)
    const whole = await booksOf(copy)
    assert.equal(whole.broken, undefined)
    const started = await startProcess({ DATA_DIR: killed, GATEWAY_PORT: '0', INTERNAL_PORT: '0' })
      .then(({ child }) => child)
      .catch((error: Error) => error.message)
    if (typeof started === 'string') {
      assert.match(started, /ended with 1: .*restored in part only/s)
    } else {
      started.kill('SIGKILL')
      await once(started, 'exit')
      assert.equal((await booksOf(killed)).stateHash, whole.stateHash)
    }
    return hit
  })
