/**
 * The load: HTTP/1.1 over raw sockets, so that the client costs little beside what it measures.
 * A process of its own, pinned away from the server by whoever starts it.
 *
 * Closed loop: every connection sends its next request when the last is answered. Open loop:
 * requests are due at a constant rate, and latency counts from when one was due.
 */
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export type LoadJob = {
  readonly host: string
  readonly port: number
  readonly connections: number
  readonly seconds: number
  /** Requests a second, all connections together; absent: closed loop. */
  readonly ratePerSecond?: number
  /** Whole requests as text, taken in turn; `{key}` becomes a name used once. */
  readonly requests: readonly string[]
  /** Ends earlier after this many answers. */
  readonly answersMax?: number
}

export type LoadFigures = {
  readonly answers: number
  readonly seconds: number
  readonly perSecond: number
  /** By status code. */
  readonly statuses: Readonly<Record<string, number>>
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

const RUN = `${process.pid}-${Math.trunc(performance.timeOrigin)}`

type Connection = { send(dueAt: number): void; close(): void }

function createLoad(job: LoadJob) {
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  const idle: Connection[] = []
  const waiting: number[] = []
  let sent = 0
  let ended = false

  const nextRequest = (): string => {
    const template = job.requests[sent % job.requests.length] ?? ''
    sent += 1
    return template.replace('{key}', `bench-${RUN}-${sent}`)
  }
  const goOn = (connection: Connection): void => {
    if (ended) return
    const dueAt = job.ratePerSecond === undefined ? performance.now() : waiting.shift()
    if (dueAt === undefined) idle.push(connection)
    else connection.send(dueAt)
  }
  const open = (): Promise<Connection> =>
    new Promise((resolve, reject) => {
      const socket = connect(job.port, job.host)
      let askedAt = 0
      const connection: Connection = {
        send(dueAt) {
          askedAt = dueAt
          socket.write(nextRequest())
        },
        close: () => socket.destroy(),
      }
      const read = answerReader((status) => {
        latencies.push(performance.now() - askedAt)
        statuses[status] = (statuses[status] ?? 0) + 1
        goOn(connection)
      })
      socket.setNoDelay(true)
      socket.on('data', read)
      socket.once('error', reject)
      socket.once('connect', () => resolve(connection))
    })

  return {
    latencies,
    statuses,
    open,
    goOn,
    due(dueAt: number): void {
      // In turn: a connection that is never used is ended by the server.
      const free = idle.shift()
      if (free === undefined) waiting.push(dueAt)
      else free.send(dueAt)
    },
    end(): void {
      ended = true
    },
  }
}

/** Calls back with the status of each answer; needs `content-length` or chunks, as all our servers send. */
function answerReader(answer: (status: string) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0)
  const take = (): boolean => {
    const headEnd = pending.indexOf('\r\n\r\n')
    if (headEnd < 0) return false
    const head = pending.toString('latin1', 0, headEnd).toLowerCase()
    const length = /content-length: (\d+)/.exec(head)?.[1]
    const end = length === undefined ? chunkedEnd(headEnd + 4) : headEnd + 4 + Number(length)
    if (end < 0 || pending.length < end) return false
    pending = pending.subarray(end)
    answer(head.slice(9, 12))
    return true
  }
  const chunkedEnd = (from: number): number => {
    const last = pending.indexOf('0\r\n\r\n', from)
    return last < 0 ? -1 : last + 5
  }
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    while (take());
  }
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

async function run(job: LoadJob): Promise<LoadFigures> {
  const load = createLoad(job)
  const connections = await Promise.all(Array.from({ length: job.connections }, load.open))
  const startedAt = performance.now()
  const elapsedMs = (): number => performance.now() - startedAt
  const { ratePerSecond = 0, answersMax = Number.POSITIVE_INFINITY } = job
  for (const connection of connections) load.goOn(connection)
  for (let arrivals = 0; elapsedMs() < job.seconds * 1000 && load.latencies.length < answersMax; ) {
    const owed = ratePerSecond === 0 ? 0 : Math.floor((elapsedMs() / 1000) * ratePerSecond) + 1
    for (; arrivals < owed; arrivals += 1) load.due(startedAt + (arrivals * 1000) / ratePerSecond)
    await pause(1)
  }
  const seconds = elapsedMs() / 1000
  load.end()
  for (const connection of connections) connection.close()
  const sorted = load.latencies.toSorted((left, right) => left - right)
  return {
    answers: sorted.length,
    seconds,
    perSecond: sorted.length / seconds,
    statuses: load.statuses,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: quantile(sorted, 1),
  }
}

process.on('message', (job: LoadJob) => {
  run(job).then(
    (figures) => process.send?.(figures),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
