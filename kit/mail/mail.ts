/** Mail leaves through this port: by a file on a laptop, by SMTP where there is a mail server. */

export type Letter = {
  /** Names the letter: the same one, sent again after a lost answer, has the same id. A ULID. */
  readonly id: string
  /** One address, without a name. */
  readonly to: string
  readonly subject: string
  /** Plain text, lines of at most 78 characters except for links. */
  readonly text: string
}

export type Mail = {
  /**
   * Resolves once the letter is handed over; rejects with a `MailFault`, within 30 seconds, when it
   * is not. Then it may still have arrived: only the letter's id tells that it is the same one.
   */
  send(letter: Letter): Promise<void>
  close(): Promise<void>
}

/** The message says what went wrong for a log, and nothing of what the letter says. */
export class MailFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MailFault'
  }
}
