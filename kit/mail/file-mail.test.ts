import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFileMail } from './file-mail.ts'
import { describeMail } from './mail-conformance.ts'

const from = 'CNOP <cnop@trade.example.org>'
const now = () => Date.parse('2026-03-01T12:00:00.000Z')

async function mailFolder() {
  const parent = await mkdtemp(join(tmpdir(), 'cnop-mail-'))
  const remove = () => rm(parent, { recursive: true, force: true })
  return { parent, folder: join(parent, 'mail'), remove }
}

async function lettersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return Promise.all(names.sort().map((name) => readFile(join(folder, name), 'utf8')))
}

describeMail('file', async () => {
  const { parent, folder, remove } = await mailFolder()
  return {
    mail: createFileMail({ folder, from, now }),
    arrived: () => lettersIn(folder),
    async breakDown() {
      await rm(parent, { recursive: true })
      await writeFile(parent, 'a file where the folder was')
    },
    close: remove,
  }
})

const letter = (id: string) => ({ id, to: 'ada@example.org', subject: 'Hello', text: 'Hello\n' })

test('a letter and its folder are for their owner alone', async () => {
  const { folder, remove } = await mailFolder()
  onTestFinished(remove)
  await createFileMail({ folder, from, now }).send(letter('a1'))
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, 'a1.eml'))).mode & 0o777).toBe(0o600)
})

test('a letter sent twice, also at once, is one file that never changes', async () => {
  const { folder, remove } = await mailFolder()
  onTestFinished(remove)
  const mail = createFileMail({ folder, from, now })
  await Promise.all(Array.from({ length: 8 }, () => mail.send(letter('a1'))))
  await mail.send({ ...letter('a1'), text: 'Something else\n' })
  expect(await readdir(folder)).toEqual(['a1.eml'])
  expect(await lettersIn(folder)).toEqual([expect.stringMatching(/\r\n\r\nHello\r\n$/)])
})

test('the file reads as mail programs expect it, the text as it was written', async () => {
  const { folder, remove } = await mailFolder()
  onTestFinished(remove)
  const text = `Grüße\nhttps://trade.example.org/verify-email#${'x'.repeat(100)}=\n`
  await createFileMail({ folder, from: 'Börse <cnop@trade.example.org>', now }).send({
    ...letter('a1'),
    subject: 'Schöne Grüße',
    text,
  })
  expect((await lettersIn(folder))[0]).toBe(
    [
      'From: =?UTF-8?B?QsO2cnNl?= <cnop@trade.example.org>',
      'To: ada@example.org',
      'Subject: =?UTF-8?B?U2Now7ZuZSBHcsO8w59l?=',
      'Date: Sun, 01 Mar 2026 12:00:00 +0000',
      'Message-ID: <a1@trade.example.org>',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      ...text.split('\n'),
    ].join('\r\n'),
  )
})

test.each([
  'nobody',
  'CNOP <nobody>',
  'CNOP <a@example.org>, b@example.org',
  'CNOP\r\nBcc: eve@example.org <cnop@example.org>',
  '',
])('a sender such as %j is refused before the first letter', (sender) => {
  expect(() => createFileMail({ folder: '/nowhere', from: sender, now })).toThrow('sender')
})
