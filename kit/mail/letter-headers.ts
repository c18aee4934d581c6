/** The header of a letter (RFC 5322). What could begin a line of its own there is never sent. */
import { type Letter, MailFault } from './mail.ts'

/** `CNOP <cnop@example.org>` or an address alone. */
export type Sender = { readonly name: string; readonly address: string }

const ADDRESS = /^[^\s\p{C}@<>()[\]\\,;:"]{1,64}@[^\s\p{C}@<>()[\]\\,;:"]{1,255}$/u
const SENDER = /^(?:(?<name>[^\p{C}<>"]*?)\s*<(?<inBrackets>[^<>]+)>|(?<alone>\S+))$/u
const ID = /^[0-9A-Za-z_-]{1,64}$/
const ENDS_A_LINE = /[\p{C}\p{Zl}\p{Zp}]/u

/** Throws a `MailFault` for what names no sender: at the start, not with the first letter. */
export function readSender(text: string): Sender {
  const { name = '', inBrackets, alone } = SENDER.exec(text)?.groups ?? {}
  const address = inBrackets ?? alone ?? ''
  if (ADDRESS.test(address)) return { name, address }
  throw new MailFault('The sender of the mail must read like CNOP <cnop@example.org>')
}

/** Throws a `MailFault`: two recipients, a line break or an id that is no name of a file. */
export function refuseUnsendable({ id, to, subject }: Letter): void {
  if (!ID.test(id)) throw new MailFault('The letter has an id that no header can hold')
  if (!ADDRESS.test(to)) throw new MailFault('The recipient is not one plain address')
  if (ENDS_A_LINE.test(subject)) throw new MailFault('The subject has a character that ends a line')
}

/** The same letter has the same one, however often it is sent. */
export const messageIdOf = ({ id }: Letter, { address }: Sender): string =>
  `<${id}@${address.slice(address.lastIndexOf('@') + 1)}>`
