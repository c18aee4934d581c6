import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { createLog } from './log.ts'

async function written(entry: Record<string, unknown>): Promise<string> {
  const destination = new PassThrough()
  createLog({ level: 'info', service: 'test', destination }).info(entry, 'said')
  return String(destination.read())
}

it.each([
  'password',
  'token',
  'access_token',
  'refresh_token',
  'authorization',
  'cookie',
  'secret',
])('strikes out %s wherever it is logged', async (field) => {
  for (const entry of [
    { [field]: 'PLANTED' },
    { body: { [field]: 'PLANTED' } },
    { a: { b: { [field]: 'PLANTED' } } },
  ]) {
    expect(await written(entry)).not.toContain('PLANTED')
  }
})

it('tells the code of a problem, the request and the service', async () => {
  const line = JSON.parse(await written({ code: 'prices-stale', request_id: 'r-1' }))
  expect(line).toMatchObject({
    code: 'prices-stale',
    request_id: 'r-1',
    service: 'test',
    level: 'info',
  })
})
