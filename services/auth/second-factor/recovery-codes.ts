/** Recovery codes: for who has lost the app. Read aloud or typed from paper, so no letter looks like another. */
import { randomBytes } from 'node:crypto'

const CODES = 10
const HALF_LENGTH = 5

/** 32 symbols without i, l, o and u: five bits each, 50 in a code. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

export const newRecoveryCodes = (): readonly string[] => Array.from({ length: CODES }, newCode)

function newCode(): string {
  const symbols = [...randomBytes(2 * HALF_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length])
  return `${symbols.slice(0, HALF_LENGTH).join('')}-${symbols.slice(HALF_LENGTH).join('')}`
}

const RECOVERY_CODE = /^[0-9a-z]{5}-[0-9a-z]{5}$/

/** As it was given out, however it was typed; `undefined` for what is no recovery code. */
export function readRecoveryCode(typed: string): string | undefined {
  const code = typed.toLowerCase().replaceAll('o', '0').replace(/[il]/g, '1')
  return RECOVERY_CODE.test(code) ? code : undefined
}
