/** How a command of the terminal reads its words, and how it ends: with lines, or a sentence and 1. */
import { resolve } from 'node:path'
import { Problem } from '@cnop/contract/problem.ts'
import { ConfigError } from '@cnop/kit/config.ts'
import { StoreOpenError } from '@cnop/kit/store/store.ts'
import { DataDirError } from './data-dir.ts'

/** The message is a sentence for the person who gave the command. */
export class CommandError extends Error {}

/** The one folder that a command is about, as an absolute path. */
export function folderArgument(args: readonly string[], usage: string): string {
  const [folder, ...more] = args
  if (folder === undefined || folder.startsWith('-') || more.length > 0) {
    throw new CommandError(`Give one folder: ${usage}`)
  }
  return resolve(folder)
}

/** Runs a command that resolves with what to print. */
export async function runCommand(command: () => Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await command()}\n`)
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`)
    process.exitCode = 1
  }
}

const ACTIONABLE = [CommandError, ConfigError, DataDirError, StoreOpenError]

/** What a person can act on, in a sentence; anything else is a defect and keeps its stack. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof Problem) return sentenceOfProblem(error)
  // An error of the operating system says what was tried on which file.
  const understood = ACTIONABLE.some((kind) => error instanceof kind) || 'syscall' in error
  return understood ? error.message : (error.stack ?? error.message)
}

function sentenceOfProblem({ message, errors }: Problem): string {
  const fields = errors.map(({ field, message: fault }) => `${field}: ${fault}`)
  return [`${message.replace(/\.$/, '')}.`, ...fields].join(' ')
}
