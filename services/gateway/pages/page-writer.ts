/**
 * Has pages written by a thread of their own, which is started for the first of them. Whatever goes
 * wrong there is a page that was not written, and never a door that does not answer.
 */
import { Worker } from 'node:worker_threads'
import type { Send, WireAnswer, WireRequest } from '@cnop/contract/call.ts'
import type { Log } from '@cnop/kit/log.ts'

/** What the thread is given: the code that writes, and for each kind of page what it is written on. */
export type WorkerData = {
  readonly bundle: string
  readonly papers: Readonly<Record<string, { readonly document: string; readonly origin: string }>>
}

export type PageBytes = {
  readonly status: 200 | 404
  readonly plain: Uint8Array
  readonly br: Uint8Array
  readonly gzip: Uint8Array
  readonly tookMs: number
}

export type Answered = { readonly ask: number } & (
  | { readonly answer: WireAnswer }
  | { readonly failed: string }
)
export type ToWorker = { readonly path: string; readonly kind: string } | Answered

type FromWorker =
  | { readonly ask: number; readonly wire: WireRequest }
  | { readonly page: PageBytes }
  | { readonly failed: string }

export type PageWriter = {
  /** Throws where it was not written: too many wait, the thread has gone, or takes too long. */
  write(path: string, kind: string): Promise<PageBytes>
  close(): Promise<void>
}

export type PageWriterParts = {
  readonly worker: WorkerData
  /** Asks public routes, as anyone may. */
  readonly send: Send
  readonly log: Log
  readonly now: () => number
}

const WAITING_MAX = 32
/** A page that takes so long is never finished. */
const WRITE_MS_MAX = 5_000
const MEMORY = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 }
const RESTART_MS = { first: 1_000, longest: 60_000 }

const THREAD = new URL('page-worker.ts', import.meta.url)

type Job = PromiseWithResolvers<PageBytes> & { readonly path: string; readonly kind: string }

export function createPageWriter({ worker, send, log, now }: PageWriterParts): PageWriter {
  /** The first is the one that is written now. */
  const jobs: Job[] = []
  let thread: Worker | undefined
  let late: NodeJS.Timeout | undefined
  let crashes = 0
  let notBeforeMs = 0

  /** Tried again later each time; a page that was written forgets what was before. */
  function lose(lost: Worker, error: unknown): void {
    if (thread !== lost) return
    thread = undefined
    clearTimeout(late)
    crashes += 1
    notBeforeMs = now() + Math.min(RESTART_MS.longest, RESTART_MS.first * 2 ** (crashes - 1))
    log.warn({ err: error, crashes }, 'the thread that writes pages has gone')
    for (const job of jobs.splice(0)) job.reject(new Error('the thread has gone'))
    void lost.terminate()
  }

  async function answer(to: Worker, ask: number, wire: WireRequest): Promise<void> {
    const answered: Answered = await send(wire).then(
      ({ status, headers, body }) => ({ ask, answer: { status, headers, body } }),
      (error: unknown) => ({ ask, failed: String(error) }),
    )
    if (thread === to) to.postMessage(answered)
  }

  function hear(from: Worker, message: FromWorker): void {
    if ('ask' in message) return void answer(from, message.ask, message.wire)
    clearTimeout(late)
    const job = jobs.shift()
    if ('failed' in message) job?.reject(new Error(message.failed))
    else {
      crashes = 0
      job?.resolve(message.page)
    }
    writeNext(from)
  }

  function writeNext(by: Worker): void {
    const job = jobs[0]
    if (job === undefined) return
    late = setTimeout(() => lose(by, new Error('a page took too long')), WRITE_MS_MAX)
    by.postMessage({ path: job.path, kind: job.kind } satisfies ToWorker)
  }

  function start(): Worker {
    const made = new Worker(THREAD, { workerData: worker, resourceLimits: MEMORY })
    made.unref()
    made.on('message', (message: FromWorker) => hear(made, message))
    made.on('error', (error) => lose(made, error))
    made.on('exit', (code) => lose(made, new Error(`ended with ${code}`)))
    thread = made
    return made
  }

  return {
    async write(path, kind) {
      if (jobs.length >= WAITING_MAX) throw new Error('too many pages wait to be written')
      if (thread === undefined && now() < notBeforeMs) throw new Error('too soon after a crash')
      const by = thread ?? start()
      const job = { ...Promise.withResolvers<PageBytes>(), path, kind }
      if (jobs.push(job) === 1) writeNext(by)
      return job.promise
    },
    async close() {
      const last = thread
      thread = undefined
      clearTimeout(late)
      for (const job of jobs.splice(0)) job.reject(new Error('closing'))
      await last?.terminate()
    },
  }
}
