/** Hands letters over to a mail server: plain text, one recipient, one connection a letter. */
import { setTimeout as pause } from 'node:timers/promises'
import { createTransport } from 'nodemailer'
import { messageIdOf, readSender, refuseUnsendable } from './letter-headers.ts'
import { type Mail, MailFault } from './mail.ts'

const PATIENCE_MS = 5_000
/** A server that says a little now and then may take so many times its patience in all. */
const PATIENCES_MAX = 5

/**
 * `smtps:` speaks TLS from the first byte, `smtp:` changes to it where the server offers it, and
 * always before a password leaves this machine.
 */
export function createSmtpMail({
  url,
  from,
  patienceMs = PATIENCE_MS,
}: {
  /** `smtps://user:password@mail.example.org:465` */
  url: string
  /** `CNOP <cnop@example.org>` */
  from: string
  /** How long the server may take to be reached, to greet, and for each answer. */
  patienceMs?: number
}): Mail {
  const sender = readSender(from)
  const transport = createTransport({
    ...serverOf(new URL(url)),
    connectionTimeout: patienceMs,
    dnsTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send(letter) {
      refuseUnsendable(letter)
      const handedOver = transport.sendMail({
        from: sender,
        to: { name: '', address: letter.to },
        subject: letter.subject,
        text: letter.text,
        messageId: messageIdOf(letter, sender),
      })
      try {
        await within(patienceMs * PATIENCES_MAX, handedOver)
      } catch (error) {
        throw new MailFault(`The mail server has not taken the letter: ${storyOf(error)}`)
      }
    },
    async close() {
      transport.close()
    },
  }
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

function serverOf({ protocol, hostname, port, username, password }: URL) {
  const secure = protocol === 'smtps:'
  const server = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
  }
  if (username === '') return server
  return {
    ...server,
    auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    requireTLS: !secure && !LOOPBACK.test(hostname),
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  const timeUp = pause(ms, undefined, { signal: over.signal, ref: false }).then(() => {
    throw new MailFault('it answers too slowly')
  })
  try {
    await Promise.race([work, timeUp])
  } finally {
    over.abort()
    timeUp.catch(() => {})
    work.catch(() => {})
  }
}

/** A server may repeat in its answer what it was sent, so only the codes are told. */
function storyOf(error: unknown): string {
  if (error instanceof MailFault) return error.message
  const { code, command, responseCode } = error as {
    code?: string
    command?: string
    responseCode?: number
  }
  return [code ?? 'unknown', responseCode, command && `at ${command}`]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
}
