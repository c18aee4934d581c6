/** Writes the bytes of a file to every open socket, again and again: the baseline of streams. */
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'

const [file = '', everyMs = '1000'] = process.argv.slice(2)
const bytes = readFileSync(file)
const sockets = new Set<Socket>()
const server = createServer((socket) => {
  sockets.add(socket)
  socket.setNoDelay(true)
  socket.on('data', () => undefined)
  socket.on('error', () => undefined)
  socket.on('close', () => sockets.delete(socket))
})
server.listen(0, '127.0.0.1', () => {
  setInterval(() => {
    for (const socket of sockets) socket.write(bytes)
  }, Number(everyMs))
  const { port } = server.address() as AddressInfo
  process.stdout.write(`ready on http://127.0.0.1:${port}\n`)
})
