/** A bare Fastify route that answers the bytes of a file: the baseline of reads, and of the door. */
import { readFileSync } from 'node:fs'
import fastify from 'fastify'

const [file = '', port = '0', peer] = process.argv.slice(2)
const bytes = readFileSync(file)
const app = fastify()
app.get('/bytes', async (_, reply) => reply.type('application/json; charset=utf-8').send(bytes))
/** A loopback call between two bare apps: what a door costs at least when it is a process. */
app.get('/relayed', async (_, reply) => {
  const answer = await fetch(`${peer}/bytes`)
  return reply.type('application/json; charset=utf-8').send(Buffer.from(await answer.arrayBuffer()))
})
await app.listen({ host: '127.0.0.1', port: Number(port) })
process.stdout.write(`ready on ${app.listeningOrigin}\n`)
