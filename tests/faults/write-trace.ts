/**
 * What a process does to the files of one folder, in order, as the system's `strace` tells it, and
 * what it says meanwhile. Everything runs on its main thread, as SQLite does here.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'

export type Step =
  | {
      readonly kind: 'write'
      readonly file: string
      readonly offset: number
      readonly bytes: Buffer
    }
  | { readonly kind: 'truncate'; readonly file: string; readonly size: number }
  | { readonly kind: 'sync'; readonly file: string }
  | { readonly kind: 'create' | 'unlink'; readonly file: string }
  | { readonly kind: 'sync-folder' }
  | { readonly kind: 'said'; readonly text: string }

const CALLS = 'pwrite64,write,fsync,fdatasync,ftruncate,unlink,openat,rename,mmap'

/** False where there is no `strace`, or where it may not look into a process. */
export const STRACE =
  process.platform === 'linux' &&
  spawnSync('strace', ['-f', '--seccomp-bpf', '-o', '/dev/null', 'true']).status === 0

/** Runs a program of Node on a file `name` in a folder of its own, and gives what it wrote. */
export async function traceWrites(
  program: string,
  name: string,
  args: readonly string[],
): Promise<readonly Step[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cnop-trace-'))
  const traces = mkdtempSync(join(tmpdir(), 'cnop-strace-'))
  try {
    // Threads are told apart, and paths and bytes are whole and in hexadecimal.
    const options = [
      '-ff',
      '-f',
      '--seccomp-bpf',
      '-y',
      '-xx',
      '-s',
      '70000',
      '-e',
      `trace=${CALLS}`,
    ]
    const child = spawn(
      'strace',
      [...options, '-o', join(traces, 't'), process.execPath, program, join(folder, name), ...args],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`The traced program ended with ${code}`)
    // The main thread has the lowest number.
    const [main = ''] = readdirSync(traces).sort((a, b) => threadOf(a) - threadOf(b))
    return await readTrace(join(traces, main), folder)
  } finally {
    rmSync(folder, { recursive: true })
    rmSync(traces, { recursive: true })
  }
}

const threadOf = (trace: string): number => Number(trace.split('.').at(-1))

async function readTrace(trace: string, folder: string): Promise<readonly Step[]> {
  const steps: Step[] = []
  const known = new Set<string>()
  for await (const line of createInterface({ input: createReadStream(trace, 'latin1') })) {
    const step = stepOf(line, folder, known)
    if (step !== undefined) steps.push(step)
  }
  return steps
}

const CALL = /^(\w+)\((.*)\) += (\d+)/
const DESCRIPTOR = /^(\d+)<([^>]*)>/

function stepOf(line: string, folder: string, known: Set<string>): Step | undefined {
  const [, call = '', args = '', result = ''] = CALL.exec(line) ?? []
  switch (call) {
    case '':
      return undefined
    case 'openat':
      return created(line, folder, known)
    case 'unlink':
      return unlinked(args, folder, known)
    case 'rename':
      return refuseRenamed(args, folder)
    case 'mmap':
      return refuseMapped(args, folder)
    default:
      return onDescriptor({ call, args, result }, folder)
  }
}

type Call = { readonly call: string; readonly args: string; readonly result: string }

function onDescriptor({ call, args, result }: Call, folder: string): Step | undefined {
  const [, descriptor, hexPath = ''] = DESCRIPTOR.exec(args) ?? []
  if (call === 'write') {
    return descriptor === '1' ? { kind: 'said', text: textIn(args) } : undefined
  }
  const path = bytesOf(hexPath).toString()
  const synced = call.endsWith('sync')
  if (synced && path === folder) return { kind: 'sync-folder' }
  const file = fileIn(path, folder)
  if (file === undefined) return undefined
  if (synced) return { kind: 'sync', file }
  if (call === 'ftruncate') return { kind: 'truncate', file, size: lastNumber(args) }
  if (call !== 'pwrite64') throw new Error(`What does ${call} do to ${file}?`)
  const bytes = bytesOf(quoted(args))
  if (bytes.length !== Number(result)) throw new Error(`A write of ${file} was not told whole`)
  return { kind: 'write', file, offset: lastNumber(args), bytes }
}

/** Locks and shared memory mean nothing after a power cut: both are made anew. */
const fileIn = (path: string, folder: string): string | undefined =>
  path.startsWith(`${folder}/`) && !/(-shm|\.lock)$/.test(path) ? basename(path) : undefined

/** A file that is written through memory would not show its writes. */
function refuseMapped(args: string, folder: string): undefined {
  const path = bytesOf(/<([^>]*)>/.exec(args)?.[1] ?? '').toString()
  if (/PROT_WRITE.*MAP_SHARED/.test(args) && fileIn(path, folder) !== undefined)
    throw new Error(`${path} is written through memory`)
}

function refuseRenamed(args: string, folder: string): undefined {
  const path = bytesOf(quoted(args)).toString()
  if (fileIn(path, folder) !== undefined) throw new Error(`${path} gets another name`)
}

function created(line: string, folder: string, known: Set<string>): Step | undefined {
  const opened = /= \d+<([^>]*)>/.exec(line)?.[1]
  const file = opened === undefined ? undefined : fileIn(bytesOf(opened).toString(), folder)
  if (file === undefined || known.has(file)) return undefined
  known.add(file)
  return { kind: 'create', file }
}

function unlinked(args: string, folder: string, known: Set<string>): Step | undefined {
  const file = fileIn(bytesOf(quoted(args)).toString(), folder)
  if (file === undefined) return undefined
  known.delete(file)
  return { kind: 'unlink', file }
}

const quoted = (args: string): string => {
  const from = args.indexOf('"') + 1
  return args.slice(from, args.indexOf('"', from))
}
const textIn = (args: string): string => bytesOf(quoted(args)).toString()
const lastNumber = (args: string): number => Number(args.slice(args.lastIndexOf(',') + 1))

/** From `\x2f\x74`. */
const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll('\\x', ''), 'hex')
