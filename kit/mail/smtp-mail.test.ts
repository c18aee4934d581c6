import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MailFault } from './mail.ts'
import { describeMail } from './mail-conformance.ts'
import { createSmtpMail, serverBehind } from './smtp-mail.ts'

const from = 'CNOP <cnop@trade.example.org>'
const letter = {
  id: '01KAHZ0000000000000000000A',
  to: 'ada@example.org',
  subject: 'A new password',
  text: 'A link: https://trade.example.org/reset-password#secret-token\n',
}
const PATIENCE_MS = 250

/** A mail server of this machine that keeps what it takes. */
async function startServer(options: SMTPServerOptions = {}) {
  const taken: string[] = []
  const envelopes: unknown[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onData(stream, session, done) {
      envelopes.push(session.envelope)
      text(stream).then((raw) => {
        taken.push(raw)
        done()
      }, done)
    },
    ...options,
  })
  const faults: Error[] = []
  server.on('error', (error) => faults.push(error))
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { taken, envelopes, faults, close, host: `127.0.0.1:${port}` }
}

type Server = Awaited<ReturnType<typeof startServer>>

async function serverOf(options: SMTPServerOptions): Promise<Server> {
  const server = await startServer(options)
  onTestFinished(server.close)
  return server
}

/** Something that listens like a mail server, and is none. */
async function pretender(meet: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    meet(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function faultOf(url: string): Promise<{ message: string; ms: number }> {
  const mail = createSmtpMail({ url, from, patienceMs: PATIENCE_MS })
  const startedAt = performance.now()
  const fault = await mail.send(letter).catch((error: unknown) => error)
  const ms = performance.now() - startedAt
  await mail.close()
  expect(fault).toBeInstanceOf(MailFault)
  return { message: (fault as MailFault).message, ms }
}

describeMail('SMTP', async () => {
  const server = await startServer()
  const mail = createSmtpMail({ url: `smtp://${server.host}`, from, patienceMs: 2_000 })
  let closed = false
  const close = async () => {
    if (!closed) await server.close()
    closed = true
  }
  return {
    mail,
    arrived: async () => server.taken,
    breakDown: close,
    async close() {
      await mail.close()
      await close()
    },
  }
})

describe('a mail server', () => {
  it('is told one sender and one recipient', async () => {
    const { host, envelopes } = await serverOf({})
    await createSmtpMail({ url: `smtp://${host}`, from }).send(letter)
    expect(envelopes).toMatchObject([
      { mailFrom: { address: 'cnop@trade.example.org' }, rcptTo: [{ address: 'ada@example.org' }] },
    ])
  })

  it('that refuses the sender is a fault with its code', async () => {
    const { host, taken } = await serverOf({
      onMailFrom: (_, __, done) => done(new Error('Not from you')),
    })
    expect((await faultOf(`smtp://${host}`)).message).toMatch(/EENVELOPE 550 at MAIL FROM$/)
    expect(taken).toEqual([])
  })

  it('that refuses the recipient is a fault with its code', async () => {
    const { host, taken } = await serverOf({
      onRcptTo: ({ address }, _, done) => done(new Error(`No ${address} here`)),
    })
    expect((await faultOf(`smtp://${host}`)).message).toMatch(/EENVELOPE 550 at RCPT TO$/)
    expect(taken).toEqual([])
  })

  it('that repeats what it was sent does not get it into the fault', async () => {
    const { host } = await serverOf({
      onData(stream, _, done) {
        text(stream).then((raw) => done(new Error(`Spam: ${raw.replaceAll('\r\n', ' ')}`)), done)
      },
    })
    const { message } = await faultOf(`smtp://${host}`)
    expect(message).toMatch(/EMESSAGE 450 at DATA$/)
    expect(message).not.toContain('secret-token')
  })

  it('that wants to know who sends is told the user and the password of the address', async () => {
    const signedIn: unknown[] = []
    const { host, taken } = await serverOf({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _, done) {
        signedIn.push([username, password])
        if (password === 'p@ss/word') done(null, { user: username })
        else done(new Error('Wrong'))
      },
    })
    const right = createSmtpMail({ url: `smtp://cnop%40us:p%40ss%2Fword@${host}`, from })
    await right.send(letter)
    expect(signedIn).toEqual([['cnop@us', 'p@ss/word']])
    expect(taken).toHaveLength(1)
    expect((await faultOf(`smtp://cnop:wrong@${host}`)).message).toMatch(/EAUTH 535 at AUTH/)
    expect((await faultOf(`smtp://${host}`)).message).toMatch(/530 at MAIL FROM$/)
    expect(taken).toHaveLength(1)
  })

  it('that offers TLS gets nothing before it has proven who it is', async () => {
    const { host, taken } = await serverOf({ disabledCommands: [] })
    expect((await faultOf(`smtp://${host}`)).message).toMatch(/CERT|SELF_SIGNED|ESOCKET|ETLS/)
    expect(taken).toEqual([])
  })

  it.each([
    ['smtp://mail.example.org', true],
    ['smtp://192.0.2.25:25', true],
    ['smtp://user:password@mail.example.org', true],
    ['smtp://mail.example.org?tls=optional', false],
    ['smtp://user:password@mail.example.org?tls=optional', true],
    ['smtp://localhost:2525', false],
    ['smtp://127.0.0.9', false],
    ['smtp://user:password@[::1]:2525', false],
    ['smtp://localhost.example.org', true],
  ])('under %s has to change to TLS before it hears anything: %s', (url, required) => {
    expect(serverBehind(url)).toMatchObject({ secure: false, requireTLS: required })
  })

  it('under an smtps address must speak TLS from the first byte', async () => {
    const plain = await serverOf({})
    const strange = await serverOf({ secure: true })
    await faultOf(`smtps://${plain.host}`)
    await faultOf(`smtps://${strange.host}`)
    expect([...plain.taken, ...strange.taken]).toEqual([])
  })

  it('that never greets is given up within its time', async () => {
    const host = await pretender(() => {})
    const { message, ms } = await faultOf(`smtp://${host}`)
    expect(message).toContain('ETIMEDOUT')
    expect(ms).toBeLessThan(PATIENCE_MS * 6)
  })

  it('that greets and then trickles without end is given up within its time', async () => {
    const host = await pretender((socket) => {
      socket.write('220 slow\r\n')
      const trickle = setInterval(() => socket.write('250-slow\r\n'), PATIENCE_MS / 3)
      socket.on('close', () => clearInterval(trickle))
    })
    const { message, ms } = await faultOf(`smtp://${host}`)
    expect(message).toContain('too slowly')
    expect(ms).toBeLessThan(PATIENCE_MS * 8)
  })

  it('that hangs up in the middle of the letter has not taken it', async () => {
    const host = await pretender((socket) => {
      socket.write('220 rude\r\n')
      socket.on('data', (chunk) => {
        if (String(chunk).startsWith('DATA')) socket.write('354 go on\r\n')
        else if (/^(EHLO|MAIL|RCPT)/.test(String(chunk))) socket.write('250 ok\r\n')
        else socket.destroy()
      })
    })
    expect((await faultOf(`smtp://${host}`)).message).toMatch(/ECONNECTION|ESOCKET|ECONNRESET/)
  })

  it('that answers garbage is a fault', async () => {
    const host = await pretender((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    expect((await faultOf(`smtp://${host}`)).message).toMatch(/EPROTOCOL|ECONNECTION|ESOCKET/)
  })

  it('that is not there is a fault at once', async () => {
    const server = await startServer()
    await server.close()
    const { message } = await faultOf(`smtp://${server.host}`)
    expect(message).toMatch(/ECONNREFUSED|ESOCKET/)
  })
})
