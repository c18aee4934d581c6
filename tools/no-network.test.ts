import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from 'vitest'

test('a test that reaches beyond this machine fails and names the host', async () => {
  expect(() => connect(443, '192.0.2.1')).toThrow('wants 192.0.2.1')
  expect(() => connect({ port: 443, host: 'example.org' })).toThrow('wants example.org')
  await expect(fetch('http://192.0.2.1/')).rejects.toMatchObject({
    cause: { message: expect.stringContaining('wants 192.0.2.1') },
  })
})

test('a test may use servers on this machine', async () => {
  const server = createServer((_, reply) => reply.end('here')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here')
  server.close()
})
