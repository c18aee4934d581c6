/**
 * The text of an API key, `cnop_<key id>_<secret>`: what finds it, and what proves it. The name in
 * front lets a scanner of leaked secrets know one. A secret of 256 random bits cannot be guessed
 * from its hash, so a quick hash keeps it.
 */
import { hash, randomBytes } from 'node:crypto'

const PREFIX = 'cnop_'
const SECRET_BYTES = 32
const TEXT = /^cnop_([0-9A-Za-z-]{1,64})_[0-9A-Za-z_-]{43}$/

export const newApiKeyText = (keyId: string): string =>
  `${PREFIX}${keyId}_${randomBytes(SECRET_BYTES).toString('base64url')}`

/** Whether a token is an API key or pretends to be one: no access token begins like it. */
export const looksLikeApiKey = (token: string): boolean => token.startsWith(PREFIX)

/** `undefined` for what no key can look like. */
export const apiKeyIdOf = (text: string): string | undefined => TEXT.exec(text)?.[1]

export const hashOfApiKey = (text: string): string => hash('sha256', text, 'base64url')
