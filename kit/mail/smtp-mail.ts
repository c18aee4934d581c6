/** Hands letters over to a mail server: plain text, one recipient, one connection a letter. */
import { setTimeout as pause } from 'node:timers/promises'
import { createTransport } from 'nodemailer'
import { isLoopback } from '../networks.ts'
import { messageIdOf, readSender, refuseUnsendable } from './letter-headers.ts'
import { type Mail, MailFault } from './mail.ts'

const PATIENCE_MS = 5_000
/** A server that says a little now and then may take so many times its patience in all. */
const PATIENCES_MAX = 5

/**
 * `smtps:` speaks TLS from the first byte, `smtp:` changes to it before anything leaves this machine:
 * with `?tls=optional` only where the server offers it, and always before a password.
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
    ...serverBehind(url),
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

/** What connects to it, and on which terms. */
export function serverBehind(url: string) {
  const { protocol, hostname, port, username, password, searchParams } = new URL(url)
  const secure = protocol === 'smtps:'
  const host = hostname.replace(/^\[|\]$/g, '')
  const anonymous = username === ''
  const optional = anonymous && searchParams.get('tls') === 'optional'
  const server = {
    host,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !optional && !isLoopback(host),
  }
  if (anonymous) return server
  const auth = { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
  return { ...server, auth }
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
