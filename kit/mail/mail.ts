/** Mail leaves through this port: by a file on a laptop, by SMTP where there is a mail server. */

export type Letter = {
  /** Names the letter: the same one, sent again after a lost answer, has the same id. */
  readonly id: string
  readonly to: string
  readonly subject: string
  /** Plain text, lines of at most 78 characters except for links. */
  readonly text: string
}

export type Mail = {
  /** Resolves once the letter is handed over; rejects, within a bounded time, when it is not. */
  send(letter: Letter): Promise<void>
  close(): Promise<void>
}
