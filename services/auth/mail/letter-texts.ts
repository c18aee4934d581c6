/**
 * What letters say. Nothing in them was typed by anybody, so that nobody can have this platform
 * send words of their own to an address of their choice.
 */
import type { Letter } from '@cnop/kit/mail/mail.ts'
import type { LetterPurpose, WaitingLetter } from './letter-rows.ts'
import { LINK_PURPOSES, type LinkPurpose } from './link-rows.ts'
import type { LinkTokens } from './link-tokens.ts'

type Words = { readonly subject: string; readonly lines: readonly string[] }

type Told = { readonly link: string; readonly apiKeys: number }

const WORDS: Readonly<Record<LetterPurpose, (told: Told) => Words>> = {
  'verify-email': ({ link }) => ({
    subject: 'Please confirm your e-mail address',
    lines: [
      'somebody, most likely you, gave this address for an account at CNOP.',
      'To confirm that it is yours, open this link within a day:',
      '',
      link,
      '',
      'If it was not you, do nothing: the address stays unconfirmed.',
    ],
  }),
  'reset-password': ({ link }) => ({
    subject: 'A new password for your account',
    lines: [
      'somebody, most likely you, asked for a new password. To choose one, open',
      'this link within half an hour; it works once:',
      '',
      link,
      '',
      'If it was not you, do nothing: your password stays as it is.',
    ],
  }),
  'password-changed': ({ apiKeys }) => ({
    subject: 'Your password was changed',
    lines: [
      'the password of your account was changed just now, and every other place',
      'where you were signed in was signed out.',
      ...keysLeft(apiKeys),
      '',
      'If it was not you, ask for a new password on the sign-in page right away.',
    ],
  }),
  'password-reset': () => ({
    subject: 'Your account has a new password',
    lines: [
      'a new password was set for your account just now with a link that was sent',
      'to this address. Every place where you were signed in was signed out, and all',
      'API keys were revoked: programs that used one need a new one.',
      '',
      'If it was not you, somebody else reads your mail: secure your mailbox',
      'first, then ask for a new password on the sign-in page.',
    ],
  }),
  'email-changed': () => ({
    subject: 'Your account has another e-mail address',
    lines: [
      'the e-mail address of your account was changed just now, and every other',
      'place where you were signed in was signed out. From here on we write to the',
      'new address, also with links for a new password.',
      '',
      'If it was not you, tell whoever runs this platform right away, and show them',
      'this letter: it is the last to this address.',
    ],
  }),
  'second-factor-on': () => ({
    subject: 'Your account asks for a second factor',
    lines: [
      'a second factor was switched on for your account just now, and every other',
      'place where you were signed in was signed out. Keep the recovery codes where',
      'your phone is not.',
      '',
      'If it was not you, ask for a new password on the sign-in page right away, and',
      'tell whoever runs this platform.',
    ],
  }),
  'second-factor-off': () => ({
    subject: 'Your account does not ask for a second factor any more',
    lines: [
      'the second factor of your account was switched off just now: from here on',
      'your password alone opens it.',
      '',
      'If it was not you, ask for a new password on the sign-in page right away.',
    ],
  }),
  'key-created': () => ({
    subject: 'Your account has a new API key',
    lines: [
      'an API key was made for your account just now. Whoever holds it can do what',
      'its scopes say, without your password.',
      '',
      'If it was not you, revoke it among your keys, then change your password.',
    ],
  }),
}

const keysLeft = (apiKeys: number): readonly string[] =>
  apiKeys === 0
    ? []
    : [
        `${apiKeys === 1 ? '1 API key works' : `${apiKeys} API keys work`} on: revoke what you do not know.`,
      ]

const isLinkPurpose = (purpose: LetterPurpose): purpose is LinkPurpose =>
  LINK_PURPOSES.some((known) => known === purpose)

/** The link is made here, for this one text: it is kept nowhere. */
export function writeText(
  { id, purpose, userId, linkId, apiKeys = 0, address }: WaitingLetter,
  { publicUrl, linkTokens }: { publicUrl: string; linkTokens: LinkTokens },
): Letter {
  const link =
    isLinkPurpose(purpose) && linkId !== undefined
      ? `${publicUrl}/${purpose}#${linkTokens.print({ purpose, userId, linkId })}`
      : publicUrl
  const { subject, lines } = WORDS[purpose]({ link, apiKeys })
  const text = ['Hello,', '', ...lines, '', 'CNOP', publicUrl, '']
  return { id, to: address, subject: `${subject} - CNOP`, text: text.join('\n') }
}
