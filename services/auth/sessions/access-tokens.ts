/**
 * Access tokens: JWTs of the type of RFC 9068, signed with Ed25519. Whether the session behind one
 * is still live, only the store can tell.
 */
import { Problem } from '@cnop/contract/problem.ts'
import { createLocalJWKSet, errors, jwtVerify, SignJWT } from 'jose'
import type { SigningKey } from './signing-key.ts'

const ALGORITHM = 'EdDSA'
const TYPE = 'at+jwt'
const AUDIENCE = 'cnop'

/** Times are epoch seconds. */
export type TokenClaims = {
  readonly userId: string
  readonly sessionId: string
  readonly tokenId: string
  readonly issued: number
  readonly expires: number
}

export type AccessTokens = {
  sign(claims: TokenClaims): Promise<string>
  /** Throws `bad-token` for one that is forged, expired, or meant for something else. */
  verify(token: string): Promise<Pick<TokenClaims, 'userId' | 'sessionId' | 'expires'>>
}

export function createAccessTokens({
  signingKey: { privateKey, publicKey },
  issuer,
  now,
}: {
  signingKey: SigningKey
  issuer: string
  now: () => number
}): AccessTokens {
  const keyOf = createLocalJWKSet({ keys: [publicKey] })
  return {
    sign: ({ userId, sessionId, tokenId, issued, expires }) =>
      new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: ALGORITHM, kid: publicKey.kid, typ: TYPE })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setJti(tokenId)
        .setIssuedAt(issued)
        .setExpirationTime(expires)
        .sign(privateKey),
    async verify(token) {
      const { payload } = await jwtVerify<{ sub: string; sid: string; exp: number }>(token, keyOf, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp'],
        currentDate: new Date(now()),
      }).catch(refuseToken)
      return { userId: payload.sub, sessionId: payload.sid, expires: payload.exp }
    },
  }
}

/** All faults of a token have one answer; what is no fault of the token stays what it is. */
function refuseToken(fault: unknown): never {
  throw fault instanceof errors.JOSEError ? new Problem('bad-token', { cause: fault }) : fault
}
