import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { createLog, type Log } from './log.ts'

async function writtenBy(write: (log: Log) => void): Promise<string> {
  const destination = new PassThrough()
  write(createLog({ level: 'info', service: 'test', destination }))
  return String(destination.read())
}

const written = (entry: unknown, message = 'said'): Promise<string> =>
  writtenBy((log) => log.info(entry, message))

it.each([
  'password',
  'current_password',
  'new_password',
  'newPassword',
  'token',
  'access_token',
  'refresh_token',
  'accessToken',
  'authorization',
  'Authorization',
  'cookie',
  'set-cookie',
  'secret',
  'totp_secret',
  'callerSecret',
  'CALLER_SECRET',
  'recovery_code',
  'recovery_codes',
  'second_factor',
  'x-second-factor',
  'api_key',
  'apiKey',
  'COINGECKO_API_KEY',
  'smtp_url',
  'SMTP_URL',
  'jwk',
  'x-cnop-caller',
])('strikes out %s wherever it is logged', async (field) => {
  const failure = Object.assign(new Error('failed'), { config: { [field]: 'PLANTED' } })
  for (const entry of [
    { [field]: 'PLANTED' },
    { [field]: ['PLANTED', 'PLANTED'] },
    { [field]: { value: 'PLANTED' } },
    { body: { [field]: 'PLANTED' } },
    { a: { b: { c: { d: { e: [{ [field]: 'PLANTED' }] } } } } },
    { err: failure },
    { err: new Error('outer', { cause: failure }) },
    failure,
  ]) {
    const line = await written(entry)
    expect(JSON.parse(line).level).toBe('info')
    expect(line).not.toContain('PLANTED')
  }
  const bound = await writtenBy((log) => log.child({ [field]: 'PLANTED' }).info('said'))
  expect(bound).not.toContain('PLANTED')
})

const MAC = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3J'

it.each([
  ['an access token', `eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.${MAC}${MAC}`],
  ['a refresh token', `01ARZ3NDEKTSV4RRFFQ69G5FAV.01ARZ3NDEKTSV4RRFFQ69G5FAW.7.${MAC}`],
  ['a link', `01ARZ3NDEKTSV4RRFFQ69G5FAV.01ARZ3NDEKTSV4RRFFQ69G5FAW.${MAC}`],
  ['an API key', `cnop_01ARZ3NDEKTSV4RRFFQ69G5FAV_${MAC}`],
  ['a hash of a password', `$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2Fs$${MAC}`],
  ['what an app scans', 'otpauth://totp/CNOP:ada?secret=JBSWY3DPEHPK3PXP&issuer=CNOP'],
])('strikes out %s in any text', async (_, secret) => {
  const failure = new Error('outer', { cause: new TypeError(`cannot use ${secret}`) })
  for (const line of [
    await written({}, `bearer ${secret}, said`),
    await written({ detail: `https://cnop.example/reset#token=${secret}` }),
    await written({ err: failure }),
    await written(failure),
  ]) {
    expect(line).toContain('[redacted]')
    expect(line).not.toContain(secret.slice(-12))
  }
})

it('strikes out who signs in to a server of an address, and leaves the server', async () => {
  const err = new Error('cannot reach smtps://mailer:hunter2@mail.example.org:465')
  const line = await written({ err })
  expect(line).not.toContain('hunter2')
  expect(line).toContain('mail.example.org:465')
})

it('leaves what is no secret', async () => {
  const entry = {
    ...{ code: 'bad-token', action: 'validateToken', request_id: 'r-1', key_id: 'K1' },
    path: 'services/auth/sessions/a-file-with-a-name-that-is-quite-long.test.ts',
    user_id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    address: '2001:db8::1',
  }
  const line = JSON.parse(await written(entry, 'the token was no good'))
  expect(line).toMatchObject({ ...entry, msg: 'the token was no good' })
})

it('does not dawdle over a text that is made to look like a secret', async () => {
  const startedAt = performance.now()
  for (const part of ['a', 'a.', 'a-', '.', '://', '://a', 'cnop_', '$argon2'])
    await written({ text: part.repeat(65_536 / part.length) })
  expect(performance.now() - startedAt).toBeLessThan(2_000)
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
