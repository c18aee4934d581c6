/**
 * Access tokens: JWTs of the type of RFC 9068, signed with Ed25519. Whether the session behind one
 * is still live, only the store can tell.
 */
import { Problem } from '@cnop/contract/problem.ts'
import { createRecentMap } from '@cnop/kit/recent-map.ts'
import { type CryptoKey, errors, jwtVerify, SignJWT } from 'jose'
import type { SigningKeys } from './signing-keys.ts'

const ALGORITHM = 'EdDSA'
const TYPE = 'at+jwt'
const AUDIENCE = 'cnop'

/** Ours have some 400 characters: whatever is longer is not read at all. */
const LENGTH_MAX = 4096

/** The clocks of replicas may differ by so much. */
const AHEAD_SECONDS_MAX = 5

/**
 * Signatures found right, of the tokens shown last: a token in use is asked about every second, and
 * what was signed stays signed. Its time and its key are looked at each time.
 */
const VERIFIED_MAX = 10_000

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
  verify(token: string): Promise<Subject>
}

type Payload = { sub: string; sid: string; iat: number; exp: number }
type Subject = Pick<TokenClaims, 'userId' | 'sessionId' | 'expires'>
type Verified = { readonly subject: Subject; readonly kid: string; readonly atMs: number }

export function createAccessTokens({
  keys,
  issuer,
  now,
}: {
  keys: Pick<SigningKeys, 'current' | 'find'>
  issuer: string
  now: () => number
}): AccessTokens {
  /** By its name among our own: what a token says of a key otherwise is never looked at. */
  async function keyOf({ kid }: { kid?: string | undefined }): Promise<CryptoKey> {
    const key = kid === undefined ? undefined : await keys.find(kid)
    if (key === undefined) throw new Problem('bad-token')
    return key.verifyKey
  }

  const verified = createRecentMap<Verified>(VERIFIED_MAX)

  /** A clock that went back makes a token as new as it was then: it is looked at again. */
  async function stillGood({ subject, kid, atMs }: Verified, nowMs: number): Promise<boolean> {
    const inTime = nowMs >= atMs && nowMs < subject.expires * 1000
    return inTime && (await keys.find(kid)) !== undefined
  }

  return {
    sign({ userId, sessionId, tokenId, issued, expires }) {
      const { privateKey, publicKey } = keys.current()
      return new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: ALGORITHM, kid: publicKey.kid, typ: TYPE })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setJti(tokenId)
        .setIssuedAt(issued)
        .setExpirationTime(expires)
        .sign(privateKey)
    },
    async verify(token) {
      if (token.length > LENGTH_MAX) throw new Problem('bad-token')
      const nowMs = now()
      const known = verified.get(token)
      if (known !== undefined && (await stillGood(known, nowMs))) return known.subject
      verified.delete(token)
      const { payload, protectedHeader } = await jwtVerify<Payload>(token, keyOf, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp'],
        currentDate: new Date(nowMs),
      }).catch(refuseToken)
      const { sub: userId, sid: sessionId, iat: issued, exp: expires } = payload
      if (issued > nowMs / 1000 + AHEAD_SECONDS_MAX) throw new Problem('bad-token')
      const subject = { userId, sessionId, expires }
      verified.set(token, { subject, kid: protectedHeader.kid ?? '', atMs: nowMs })
      return subject
    },
  }
}

/** All faults of a token have one answer; what is no fault of the token stays what it is. */
function refuseToken(fault: unknown): never {
  throw fault instanceof errors.JOSEError ? new Problem('bad-token', { cause: fault }) : fault
}
