import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** A sentence for the person at the terminal, who can do something about it. */
export class Trouble extends Error {}

const PARENT = process.ppid

/**
 * npm tells a signal to the shell between itself and this process, and some shells then end without
 * passing it on. Outside npm an ended parent means nothing: the terminal may have been closed.
 */
const isAbandoned = () =>
  process.env['npm_lifecycle_event'] !== undefined && process.ppid !== PARENT

/**
 * Runs a child to its end and passes signals on to it. The code is that of a shell: 128 and the
 * signal's number where a signal ended the child. `said` is its standard error, where that is piped.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<{ code: number, said: string }>}
 */
export function runChild(command, args, options) {
  const child = spawn(command, args, options)
  // The console of Windows reaches the child by itself; a forwarded signal would be a kill.
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    if (process.platform !== 'win32') child.kill(signal)
  }
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
  for (const signal of signals) process.on(signal, forward)
  const watch = setInterval(() => {
    if (!isAbandoned()) return
    clearInterval(watch)
    forward('SIGTERM')
  }, 250).unref()
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Trouble(`Cannot start ${command}: ${error.message}`)))
    child.once('close', (code, signal) => {
      for (const name of signals) process.off(name, forward)
      resolve({ code: code ?? 128 + constants.signals[signal ?? 'SIGKILL'], said })
    })
  })
}
