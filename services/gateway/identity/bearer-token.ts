/** What an `Authorization` header says, read without asking anyone. */
import { Problem } from '@cnop/contract/problem.ts'

const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i
const TOKEN_LENGTH_MAX = 8192

/**
 * An access token in the compact form of a signed JWT, or an API key. What has neither form is bad
 * without a question to auth, so that noise costs nothing there.
 */
const API_KEY = /^cnop_[A-Za-z0-9_-]{16,256}$/
const ACCESS_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/

export const isApiKey = (token: string): boolean => API_KEY.test(token)

/** The token of the header; `undefined` when it names no bearer. Throws `bad-token`. */
export function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || !/^bearer\b/i.test(authorization)) return undefined
  const token = BEARER.exec(authorization)?.[1]
  if (token === undefined || token.length > TOKEN_LENGTH_MAX) throw new Problem('bad-token')
  if (!isApiKey(token) && !ACCESS_TOKEN.test(token)) throw new Problem('bad-token')
  return token
}
