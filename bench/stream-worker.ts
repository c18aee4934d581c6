/**
 * Many open streams: each asks once and then only listens. A process of its own, pinned away from
 * the server by whoever starts it.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export type StreamJob = {
  readonly host: string
  readonly port: number
  readonly streams: number
  readonly seconds: number
  /** What each stream asks with; empty where the server needs no question. */
  readonly request: string
}

export type StreamFigures = {
  readonly bytes: number
  /** Streams that ended early. */
  readonly lost: number
}

/** Said once every stream is open and counting begins. */
export const STREAMS_OPEN = 'open'

/** So few are opened at once that no limit of requests at once is met. */
const OPENED_AT_ONCE = 32

async function run(job: StreamJob): Promise<StreamFigures> {
  const sockets: Socket[] = []
  let bytes = 0
  let lost = 0
  let counting = false
  const open = async (): Promise<void> => {
    const socket = connect(job.port, job.host)
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      if (counting) bytes += chunk.length
    })
    await once(socket, 'connect')
    socket.write(job.request)
    if (job.request !== '') {
      const [head] = (await once(socket, 'data')) as [Buffer]
      if (!head.toString('latin1', 0, 12).endsWith('200')) return refused(socket)
    }
    socket.once('close', () => {
      if (counting) lost += 1
    })
  }
  /** Whoever is told to come back later does. */
  const refused = async (socket: Socket): Promise<void> => {
    sockets.splice(sockets.indexOf(socket), 1)
    socket.destroy()
    await pause(500)
  }
  while (sockets.length < job.streams) {
    const batch = Math.min(OPENED_AT_ONCE, job.streams - sockets.length)
    await Promise.all(Array.from({ length: batch }, open))
  }
  await pause(1_000)
  counting = true
  process.send?.(STREAMS_OPEN)
  await pause(job.seconds * 1_000)
  counting = false
  const figures = { bytes, lost }
  for (const socket of sockets) socket.destroy()
  return figures
}

process.on('message', (job: StreamJob) => {
  run(job).then(
    (figures) => process.send?.(figures),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
