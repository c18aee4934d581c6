/**
 * Key and stored shape of a letter that waits to be sent: written in the commit it tells of, in
 * one partition in order of when it is due, and never with a token in it.
 */
import {
  countIn,
  nameIn,
  optionalTextIn,
  textIn,
  withoutAbsent,
} from '@cnop/kit/store/row-fields.ts'
import type { Key, KeyedRow, Op, Row } from '@cnop/kit/store/store.ts'
import { LINK_PURPOSES } from './link-rows.ts'

/** Letters with a link have its purpose; the others tell the owner what has happened. */
export const LETTER_PURPOSES = [
  ...LINK_PURPOSES,
  'password-changed',
  'password-reset',
  'email-changed',
  'second-factor-on',
  'second-factor-off',
  'key-created',
] as const
export type LetterPurpose = (typeof LETTER_PURPOSES)[number]

export type WaitingLetter = {
  /** A ULID; names the letter however often it is tried. */
  readonly id: string
  readonly purpose: LetterPurpose
  readonly userId: string
  /** Of the link in it. */
  readonly linkId: string | undefined
  /** How many API keys the owner has, in a letter that says so. */
  readonly apiKeys?: number | undefined
  /** Whom it goes to. */
  readonly address: string
  /** How often it was tried. */
  readonly attempts: number
  /** Epoch milliseconds: nobody tries it before. */
  readonly dueMs: number
  /** Epoch milliseconds: from then on it is not worth sending. */
  readonly expiresMs: number
}

const OUTBOX = 'O#MAIL'
const DUE_DIGITS = 15

const sortKey = (dueMs: number, id: string): string =>
  `${String(dueMs).padStart(DUE_DIGITS, '0')}#${id}`

export const letterKey = ({ dueMs, id }: Pick<WaitingLetter, 'dueMs' | 'id'>): Key => ({
  pk: OUTBOX,
  sk: sortKey(dueMs, id),
})

/** Letters that are due, the one that has been due longest first. */
export const dueLetters = (nowMs: number) => ({
  pk: OUTBOX,
  range: { to: `${sortKey(nowMs, '')}~` },
})

export function loadLetter({ sk, row }: KeyedRow): WaitingLetter {
  return {
    id: sk.slice(DUE_DIGITS + 1),
    purpose: nameIn(row, 'purpose', LETTER_PURPOSES),
    userId: textIn(row, 'userId'),
    linkId: optionalTextIn(row, 'linkId'),
    apiKeys: row['apiKeys'] === undefined ? undefined : countIn(row, 'apiKeys'),
    address: textIn(row, 'address'),
    attempts: countIn(row, 'attempts'),
    dueMs: Number(sk.slice(0, DUE_DIGITS)),
    expiresMs: countIn(row, 'expiresMs'),
  }
}

const storeLetter = ({ id: _, dueMs: __, ...columns }: WaitingLetter): Row =>
  withoutAbsent({
    ...columns,
    apiKeys: columns.apiKeys === undefined ? undefined : BigInt(columns.apiKeys),
    attempts: BigInt(columns.attempts),
    expiresMs: BigInt(columns.expiresMs),
  })

export const putLetter = (letter: WaitingLetter): Op => ({
  kind: 'put',
  key: letterKey(letter),
  row: storeLetter(letter),
  when: { absent: true },
})

/** A letter whose time changes is another row, so whoever takes it away is the only one. */
export const takeLetter = (letter: WaitingLetter): Op => ({
  kind: 'delete',
  key: letterKey(letter),
  when: { equals: { attempts: BigInt(letter.attempts) } },
})
