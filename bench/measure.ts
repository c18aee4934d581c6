/** Ratios measured in one run: baseline and product in turn, the median of the rounds. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LoadFigures, LoadJob } from './load-worker.ts'
import type { STREAMS_OPEN, StreamFigures, StreamJob } from './stream-worker.ts'

export const SERVER_CPU = 0
export const LOAD_CPU = 1

export type Row = {
  readonly id: string
  readonly work: string
  readonly product: string
  readonly baseline: string
  /** `undefined` where an absolute is reported, not gated. */
  readonly ratio: number | undefined
  readonly toReach: string
  readonly reached: boolean | undefined
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

export type Rounds = { readonly product: number; readonly baseline: number; readonly ratio: number }

/** The ratio is the median of the ratios of each round, so that a drifting machine cancels out. */
export async function interleaved(
  rounds: number,
  measure: { product: () => Promise<number>; baseline: () => Promise<number> },
): Promise<Rounds> {
  const pairs: { product: number; baseline: number }[] = []
  for (let round = 0; round < rounds; round += 1) {
    const baseline = await measure.baseline()
    pairs.push({ product: await measure.product(), baseline })
  }
  return {
    product: median(pairs.map(({ product }) => product)),
    baseline: median(pairs.map(({ baseline }) => baseline)),
    ratio: median(pairs.map(({ product, baseline }) => product / baseline)),
  }
}

/** What runs in many processes is given all there is. */
export const EVERY_CPU = `0-${cpus().length - 1}`

const pinned = (
  cpu: number | string,
  command: string,
  args: readonly string[],
): [string, string[]] =>
  process.platform === 'linux'
    ? ['taskset', ['-c', String(cpu), command, ...args]]
    : [command, [...args]]

export type Started = {
  readonly child: ChildProcess
  readonly pid: number
  readonly url: string
  stop(): Promise<void>
}

/** Starts a TypeScript program on a core and waits for its line with an address. */
export async function startOn(
  cpu: number | string,
  file: string,
  options: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<Started> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const [command, args] = pinned(cpu, process.execPath, [
    ...process.execArgv,
    path,
    ...(options.args ?? []),
  ])
  const child = spawn(command, args, {
    env: { ...inherited(), ...options.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const address = /ready on (http:\S+)/.exec(line)?.[1]
    if (address !== undefined) resolve(address)
  })
  child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)))
  return { child, pid: child.pid ?? 0, url: await promise, stop: () => ended(child) }
}

/** `taskset` is found by the path; memory is given back as tools/bootstrap.mjs has it for a server. */
const inherited = (): Record<string, string> => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  MALLOC_MMAP_THRESHOLD_: '1048576',
})

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

/** A process of its own on the other core, at work on one job. */
function workerOn(file: string, job: unknown): ChildProcess {
  const [command, args] = pinned(LOAD_CPU, process.execPath, [
    fileURLToPath(new URL(file, import.meta.url)),
  ])
  const child = spawn(command, args, {
    env: inherited(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.send(job as object)
  return child
}

async function said<Said>(child: ChildProcess): Promise<Said> {
  const [figures] = (await once(child, 'message')) as [Said | { error: string }]
  if (typeof figures === 'object' && figures !== null && 'error' in figures) {
    child.kill('SIGTERM')
    throw new Error(figures.error)
  }
  return figures
}

/** Runs one load. */
export async function load(job: LoadJob): Promise<LoadFigures> {
  const worker = workerOn('./load-worker.ts', job)
  const figures = await said<LoadFigures>(worker)
  worker.kill('SIGTERM')
  return figures
}

/** Holds many streams open, and gives what they heard and the CPU that it cost a process. */
export async function listen(
  job: StreamJob,
  server: Pick<Started, 'pid'>,
): Promise<StreamFigures & { readonly cpuSeconds: number }> {
  const worker = workerOn('./stream-worker.ts', job)
  await said<typeof STREAMS_OPEN>(worker)
  const before = cpuSecondsOf(server.pid)
  const figures = await said<StreamFigures>(worker)
  const cpuSeconds = cpuSecondsOf(server.pid) - before
  worker.kill('SIGTERM')
  return { ...figures, cpuSeconds }
}

/** A request as text, for the load. */
export function requestText(request: {
  method: string
  path: string
  token?: string | undefined
  idempotent?: boolean
  body?: unknown
}): string {
  const body = request.body === undefined ? '' : JSON.stringify(request.body)
  return [
    `${request.method} ${request.path} HTTP/1.1`,
    'host: 127.0.0.1',
    ...(request.token === undefined ? [] : [`authorization: Bearer ${request.token}`]),
    ...(request.idempotent ? ['idempotency-key: {key}'] : []),
    ...(body === ''
      ? []
      : ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`]),
    '',
    body,
  ].join('\r\n')
}

const TICKS_PER_SECOND = 100

/** CPU seconds a process has used so far, all threads. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Resident memory of a process, in megabytes. */
export function residentMegabytesOf(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}
