/** How a table is opened by a process that starts before, or without, what it stands on. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { openDynamoClient, openTable } from './dynamo-table.ts'
import { type LyingDynamodb, startLyingDynamodb } from './testing/lying-dynamodb.ts'

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
let liar: LyingDynamodb | undefined
afterEach(async () => {
  await liar?.stop()
  liar = undefined
})

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function opening(port: number, patienceMs?: number) {
  const endpoint = `http://127.0.0.1:${port}`
  const place = await openDynamoClient({ region: 'local', endpoint, credentials })
  return openTable(place, 't', patienceMs).finally(() => place.client.destroy())
}

test('a table that is reached later is opened', async () => {
  const port = await closedPort()
  const opened = opening(port)
  await pause(300)
  await expect(reaching(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  liar = await startLyingDynamodb(port)
  expect(await opened).toMatchObject({ streamArn: expect.stringContaining('table/t') })
})

test('a table that is not reached is given up with what to look at', async () => {
  await expect(opening(await closedPort(), 100)).rejects.toThrow(
    /table t cannot be opened \(.*ECONNREFUSED.*\)\. Check DYNAMODB_REGION, DYNAMODB_ENDPOINT/,
  )
})

test('what was said for good is not asked again', async () => {
  let asked = 0
  const server = createServer((_, answer) => {
    asked += 1
    answer.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
    answer.end(JSON.stringify({ __type: 'x#ResourceNotFoundException', message: 'none' }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await expect(opening(port)).rejects.toThrow('There is no table t. Let npm run table:create')
  expect(asked).toBe(1)
  server.closeAllConnections()
  server.close()
})

async function reaching(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}
