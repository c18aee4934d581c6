/** The thread that writes pages, away from the one that trades: the built pages bring how. */
import { parentPort, workerData } from 'node:worker_threads'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Send, WireAnswer } from '@cnop/contract/call.ts'
import type { Answered, PageBytes, ToWorker, WorkerData } from './page-writer.ts'

type WritePage = (
  path: string,
  paper: WorkerData['papers'][string],
  send: Send,
) => Promise<{ readonly status: 200 | 404; readonly document: string }>

/** Small enough within a few milliseconds: a page lives for seconds. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }

const { bundle, papers } = workerData as WorkerData
const { writePage } = (await import(bundle)) as { writePage: WritePage }

const asking = new Map<number, PromiseWithResolvers<WireAnswer>>()
let asked = 0

const send: Send = (request) => {
  asked += 1
  const waiting = Promise.withResolvers<WireAnswer>()
  asking.set(asked, waiting)
  const { signal: _, ...wire } = request
  parentPort?.postMessage({ ask: asked, wire })
  return waiting.promise
}

function hear(answered: Answered): void {
  const waiting = asking.get(answered.ask)
  asking.delete(answered.ask)
  if ('answer' in answered) waiting?.resolve(answered.answer)
  else waiting?.reject(new Error(answered.failed))
}

async function write(path: string, kind: string): Promise<PageBytes> {
  const paper = papers[kind]
  if (paper === undefined) throw new Error(`Nothing is written for ${kind}.`)
  const began = performance.now()
  const { status, document } = await writePage(path, paper, send)
  const plain = Buffer.from(document)
  const br = brotliCompressSync(plain, BROTLI)
  const gzip = gzipSync(plain)
  return { status, plain, br, gzip, tookMs: performance.now() - began }
}

parentPort?.on('message', (message: ToWorker) => {
  if ('ask' in message) return hear(message)
  write(message.path, message.kind).then(
    (page) => parentPort?.postMessage({ page }),
    (error: unknown) => parentPort?.postMessage({ failed: String(error) }),
  )
})
