/** Letters that a platform without a mail server has written into its data folder. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export type ReadLetter = {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** What stands behind the `#` of the link in it; empty where there is no link. */
  readonly linkToken: string
  /** Where the link leads. */
  readonly linkPath: string
}

const LINK = /^https?:\/\/[^/\s]+(\/[^#\s]*)#(\S+)$/m

/** Those to an address, the oldest first: their names are ids that rise with time. */
export async function lettersTo(dataDir: string, address: string): Promise<readonly ReadLetter[]> {
  const folder = join(dataDir, 'mail')
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'))
  const texts = await Promise.all(
    names.toSorted().map((name) => readFile(join(folder, name), 'utf8')),
  )
  return texts.map(readLetter).filter(({ to }) => to === address)
}

function readLetter(file: string): ReadLetter {
  const [head = '', ...body] = file.split('\r\n\r\n')
  const header = (name: string): string =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(head)?.[1]?.trim() ?? ''
  const text = body.join('\r\n\r\n').replaceAll('\r\n', '\n')
  const [, linkPath = '', linkToken = ''] = LINK.exec(text) ?? []
  return { to: header('To'), subject: header('Subject'), text, linkToken, linkPath }
}

export type LetterWanted = {
  readonly to: string
  /** Where its link leads, such as `/verify-email`. */
  readonly linkPath: string
  /** How many of these were there before. */
  readonly after?: number
}

const LETTER_MS_MAX = 15_000

/** The link of the newest such letter, once it is there. */
export async function linkIn(dataDir: string, wanted: LetterWanted): Promise<string> {
  const { to, linkPath, after = 0 } = wanted
  for (const until = Date.now() + LETTER_MS_MAX; Date.now() < until; ) {
    const found = (await lettersTo(dataDir, to)).filter((letter) => letter.linkPath === linkPath)
    const newest = found.at(-1)
    if (found.length > after && newest !== undefined) return newest.linkToken
    await new Promise((go) => setTimeout(go, 50))
  }
  throw new Error(`No letter to ${to} leads to ${linkPath}.`)
}
