/**
 * What stands behind the `#` of a link: whose it is, its id, and a code that only this platform can
 * make of them. It is made when the letter is written, so neither the store nor a backup of it
 * holds anything that opens an account.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { LinkPurpose } from './link-rows.ts'

export type LinkName = {
  readonly purpose: LinkPurpose
  readonly userId: string
  readonly linkId: string
}

export type LinkTokens = {
  print(link: LinkName): string
  /** `undefined` for what this platform has not made for that purpose. */
  read(token: string, purpose: LinkPurpose): LinkName | undefined
}

const KEY_LABEL = 'cnop links by mail'
const KEY_BYTES = 32

export function createLinkTokens(callerSecret: string): LinkTokens {
  const key = Buffer.from(hkdfSync('sha256', callerSecret, '', KEY_LABEL, KEY_BYTES))
  const macOf = ({ purpose, userId, linkId }: LinkName): Buffer =>
    createHmac('sha256', key).update([purpose, userId, linkId].join('\n')).digest()
  return {
    print(link) {
      return [link.userId, link.linkId, macOf(link).toString('base64url')].join('.')
    },
    read(token, purpose) {
      const [userId = '', linkId = '', mac = '', ...more] = token.split('.')
      const link = { purpose, userId, linkId }
      const given = Buffer.from(mac, 'base64url')
      const right = macOf(link)
      const genuine =
        more.length === 0 && given.length === right.length && timingSafeEqual(given, right)
      return genuine ? link : undefined
    },
  }
}
