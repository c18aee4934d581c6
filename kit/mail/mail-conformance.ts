/** What every way for mail to leave promises. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Letter, type Mail, MailFault } from './mail.ts'

/** A way out, and what has come out of it: each letter as a mail program would get it (RFC 5322). */
export type MailCase = {
  readonly mail: Mail
  arrived(): Promise<readonly string[]>
  /** From now on nothing can be handed over. */
  breakDown(): Promise<void>
  close(): Promise<void>
}

const LINK = `https://trade.example.org/reset-password#${'0'.repeat(26)}.${'A_-z'.repeat(16)}=`

const letterOf = (fields: Partial<Letter> = {}): Letter => ({
  id: '01KAHZ0000000000000000000A',
  to: 'ada@example.org',
  subject: 'A new password',
  text: `Hello,\n\nopen this link:\n\n${LINK}\n\nSee you soon\n`,
  ...fields,
})

export function describeMail(name: string, open: () => Promise<MailCase>): void {
  describe(`mail by ${name}`, () => {
    let way: MailCase

    beforeEach(async () => {
      way = await open()
    })
    afterEach(() => way.close())

    const arrived = async () => (await way.arrived()).map(readLetter)

    test('arrives as it was written, to one recipient, from the sender', async () => {
      await way.mail.send(letterOf())
      const [letter, ...more] = await arrived()
      expect(more).toEqual([])
      expect(letter?.header('to')).toBe('ada@example.org')
      expect(letter?.header('from')).toBe('CNOP <cnop@trade.example.org>')
      expect(letter?.header('subject')).toBe('A new password')
      expect(Date.parse(letter?.header('date') ?? '')).not.toBeNaN()
      expect(letter?.text.trim()).toBe(letterOf().text.trim())
      expect(letter?.text).toContain(LINK)
    })

    test('is plain text and nothing else', async () => {
      await way.mail.send(letterOf({ text: '<img src="http://elsewhere.example/">\n' }))
      const [letter] = await arrived()
      expect(letter?.header('content-type')).toMatch(/^text\/plain; ?charset=utf-8/i)
      expect(letter?.text).toContain('<img src="http://elsewhere.example/">')
    })

    test.each([
      ['a line that is one dot', 'one\n.\n..\ntwo\n'],
      ['a line that looks like a header', 'Bcc: eve@example.org\n\nhello\n'],
      ['letters of other scripts', 'Grüße, 今日は\n'],
      ['what an encoding of mail uses', '=3D =\n100 = 100\n'],
    ])('keeps %s', async (_, text) => {
      await way.mail.send(letterOf({ text }))
      expect((await arrived())[0]?.text.trim()).toBe(text.trim())
    })

    test('names the letter by its id, the same one however often it is sent', async () => {
      await way.mail.send(letterOf())
      await way.mail.send(letterOf())
      const names = new Set((await arrived()).map(({ header }) => header('message-id')))
      expect([...names]).toEqual(['<01KAHZ0000000000000000000A@trade.example.org>'])
    })

    test.each<[string, Partial<Letter>]>([
      ['a header behind the recipient', { to: 'ada@example.org\r\nBcc: eve@example.org' }],
      ['a second recipient', { to: 'ada@example.org, eve@example.org' }],
      ['a recipient in brackets', { to: 'Ada <eve@example.org>' }],
      ['no recipient', { to: '' }],
      ['a header behind the subject', { subject: 'Hello\r\nBcc: eve@example.org' }],
      ['a lone line feed in the subject', { subject: 'Hello\nBcc: eve@example.org' }],
      ['a separator of lines in the subject', { subject: 'Hello\u2028Bcc: eve@example.org' }],
      ['an id that leads elsewhere', { id: '../../etc/passwd' }],
      ['a header behind the id', { id: 'a>\r\nBcc: eve@example.org' }],
    ])('refuses %s and hands nothing over', async (_, fields) => {
      await expect(way.mail.send(letterOf(fields))).rejects.toBeInstanceOf(MailFault)
      expect(await way.arrived()).toEqual([])
    })

    test('many letters at once all arrive, each once', async () => {
      const ids = Array.from({ length: 20 }, (_, i) => `01KAHZ00000000000000000${100 + i}`)
      await Promise.all(ids.map((id) => way.mail.send(letterOf({ id, subject: id }))))
      expect((await arrived()).map(({ header }) => header('subject')).sort()).toEqual(ids)
    })

    test('that cannot be handed over is a fault that tells nothing of the letter', async () => {
      await way.breakDown()
      const fault = await way.mail.send(letterOf()).catch((error: unknown) => error)
      expect(fault).toBeInstanceOf(MailFault)
      const { message, cause } = fault as MailFault
      expect(cause).toBeUndefined()
      for (const secret of [LINK, 'reset-password', 'ada@example.org']) {
        expect(message).not.toContain(secret)
      }
    })
  })
}

function readLetter(raw: string) {
  const [head = '', body = ''] = raw.split(/\r\n\r\n(.*)/s)
  const headers = head.split(/\r\n(?![ \t])/)
  const header = (wanted: string): string | undefined =>
    headers
      .find((line) => line.toLowerCase().startsWith(`${wanted}: `))
      ?.slice(wanted.length + 2)
      .replace(/\r\n\s+/g, ' ')
  return { header, text: decoded(body, header('content-transfer-encoding') ?? '7bit') }
}

function decoded(body: string, encoding: string): string {
  const lines = body.replaceAll('\r\n', '\n')
  if (encoding === 'base64') return Buffer.from(lines, 'base64').toString()
  if (encoding !== 'quoted-printable') return lines
  const bytes = lines
    .replace(/=\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
