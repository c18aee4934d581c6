/** An authenticator app as tests have it: it never waits, and never shows a code twice. */
import { HOTP, type TOTP, URI } from 'otpauth'

/** The platform believes the code before and the one after, for clocks that are not exact. */
const STEPS_AROUND = 1

export type Authenticator = {
  /** A code that is good now and was not shown before; throws when there is none. */
  code(): string
}

/** `uri` is what a QR code would hold. */
export function authenticatorFor(uri: string): Authenticator {
  const { secret, period, algorithm, digits } = URI.parse(uri) as TOTP
  const codeAt = new HOTP({ secret, algorithm, digits })
  let shown = Number.NEGATIVE_INFINITY
  return {
    code() {
      const now = Math.floor(Date.now() / 1000 / period)
      const counter = Math.max(shown + 1, now - STEPS_AROUND)
      if (counter > now + STEPS_AROUND) throw new Error('The next code is not good yet.')
      shown = counter
      return codeAt.generate({ counter })
    },
  }
}
