/** A line between two processes that can be spoilt while it is in use. */
import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net'

/** What is wrong with the line, for connections that are open and for new ones. */
export type LineFault =
  /** Nothing. */
  | { readonly kind: 'none' }
  /** Every piece arrives so much later, in both directions. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Answers come in drops. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly everyMs: number }
  /** Connections are taken; nothing arrives, and nothing comes back. */
  | { readonly kind: 'black-hole' }
  /** What is asked arrives; the far side is gone before it answers, and nobody says so. */
  | { readonly kind: 'half-open' }
  /** Connections are reset as soon as something is asked, which nobody hears. */
  | { readonly kind: 'reset' }
  /** What is asked arrives, and the connection is reset when the answer comes. */
  | { readonly kind: 'lost-answer' }
  /** Answers are cut off after so many bytes. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Nobody listens. */
  | { readonly kind: 'refuse' }

export type TcpProxy = {
  readonly url: string
  /** Takes effect at once. Open connections end when the line is mended after having lost something. */
  spoil(fault: LineFault): Promise<void>
  mend(): Promise<void>
  close(): Promise<void>
}

type Line = { readonly near: Socket; readonly far: Socket }

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target)
  const lines = new Set<Line>()
  let fault: LineFault = { kind: 'none' }

  const accept = (near: Socket): void => {
    const line: Line = { near, far: dial(Number(port), hostname) }
    lines.add(line)
    const end = (): void => {
      lines.delete(line)
      if (fault.kind === 'half-open' || fault.kind === 'black-hole') return
      near.destroy()
      line.far.destroy()
    }
    for (const socket of [near, line.far]) socket.on('error', end).on('close', end)
    near.on('data', (piece) => ask(line, bytesOf(piece)))
    line.far.on('data', (piece) => answer(line, bytesOf(piece)))
  }

  const ask = ({ near, far }: Line, piece: Buffer): void => {
    switch (fault.kind) {
      case 'black-hole':
        return
      case 'reset':
        near.resetAndDestroy()
        return
      case 'latency':
        later(fault.ms, () => far.write(piece))
        return
      default:
        far.write(piece)
    }
  }

  const answer = ({ near, far }: Line, piece: Buffer): void => {
    switch (fault.kind) {
      case 'black-hole':
        return
      case 'half-open':
        far.destroy()
        return
      case 'reset':
      case 'lost-answer':
        near.resetAndDestroy()
        return
      case 'latency':
        later(fault.ms, () => near.write(piece))
        return
      case 'drip':
        drip(near, piece, fault)
        return
      case 'cut':
        near.write(piece.subarray(0, fault.afterBytes), () => near.resetAndDestroy())
        return
      default:
        near.write(piece)
    }
  }

  const hangUp = (): void => {
    for (const { near, far } of lines) {
      near.resetAndDestroy()
      far.destroy()
    }
    lines.clear()
  }

  let server: Server = await listenOn(0, accept)
  const { port: own } = server.address() as AddressInfo
  const stopListening = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    hangUp()
    await once(server, 'close')
  }

  return {
    url: `http://127.0.0.1:${own}`,
    async spoil(next) {
      fault = next
      if (next.kind === 'refuse') await stopListening()
    },
    async mend() {
      const quiet = fault.kind === 'black-hole' || fault.kind === 'half-open'
      fault = { kind: 'none' }
      if (quiet) hangUp()
      if (!server.listening) server = await listenOn(own, accept)
    },
    close: stopListening,
  }
}

async function listenOn(port: number, accept: (near: Socket) => void): Promise<Server> {
  const server = createServer(accept).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** No socket here has an encoding, so none gives text. */
const bytesOf = (piece: Buffer | string): Buffer =>
  typeof piece === 'string' ? Buffer.from(piece) : piece

function later(ms: number, act: () => void): void {
  setTimeout(act, ms)
}

/** Drops keep their order, and none falls once the line is closed. */
function drip(near: Socket, piece: Buffer, pace: { bytes: number; everyMs: number }): void {
  let at = 0
  const drops = setInterval(() => {
    if (at >= piece.length || near.destroyed) clearInterval(drops)
    else near.write(piece.subarray(at, at + pace.bytes))
    at += pace.bytes
  }, pace.everyMs)
}
