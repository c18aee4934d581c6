/**
 * Mail without a mail server: one file a letter, for an editor and for mail programs. The names
 * sort by time because the ids of letters do.
 */
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageIdOf, readSender, refuseUnsendable, type Sender } from './letter-headers.ts'
import { type Letter, type Mail, MailFault } from './mail.ts'

export function createFileMail({
  folder,
  from,
  now,
}: {
  folder: string
  /** `CNOP <cnop@example.org>` */
  from: string
  now: () => number
}): Mail {
  const sender = readSender(from)
  return {
    async send(letter) {
      refuseUnsendable(letter)
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeOnce(folder, letter.id, printLetter(letter, sender, new Date(now())))
      } catch (error) {
        throw new MailFault(`No letter can be written to ${folder} (${reasonOf(error)})`)
      }
    },
    async close() {},
  }
}

/** The whole file or none, also after a power cut; a letter that is there already stays as it is. */
async function writeOnce(folder: string, id: string, text: string): Promise<void> {
  const unfinished = join(folder, `.${id}.${randomUUID()}`)
  try {
    const file = await open(unfinished, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(unfinished, join(folder, `${id}.eml`)).catch(unlessThere)
  } finally {
    await rm(unfinished, { force: true })
  }
}

function unlessThere(error: unknown): void {
  if (reasonOf(error) !== 'EEXIST') throw error
}

const reasonOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown'

/** The text stands as it is, not in an encoding of mail, so that links can be copied from it. */
function printLetter(letter: Letter, sender: Sender, at: Date): string {
  const { name, address } = sender
  const lines = [
    `From: ${name === '' ? address : `${encodedWord(name)} <${address}>`}`,
    `To: ${letter.to}`,
    `Subject: ${encodedWord(letter.subject)}`,
    `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: ${messageIdOf(letter, sender)}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...letter.text.split(/\r\n|\r|\n/),
  ]
  return lines.join('\r\n')
}

/** RFC 2047, where a header line has more than ASCII. */
const encodedWord = (text: string): string =>
  /^[ -~]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`
