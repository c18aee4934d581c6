/**
 * Key and stored shape of a link that was sent by mail: one row for a purpose of a user, so a new
 * link ends the one before, and none is used twice.
 */
import { countIn, textIn } from '@cnop/kit/store/row-fields.ts'
import type { Key, Op, Row } from '@cnop/kit/store/store.ts'
import { partitionOf } from '../users/user-rows.ts'

export const LINK_PURPOSES = ['reset-password', 'verify-email'] as const
export type LinkPurpose = (typeof LINK_PURPOSES)[number]

export type Link = {
  readonly linkId: string
  /** Where it was sent: it is worth nothing once the user has another address. */
  readonly address: string
  /** Epoch milliseconds. */
  readonly expiresMs: number
}

export const linkKey = (userId: string, purpose: LinkPurpose): Key => ({
  pk: partitionOf(userId),
  sk: `@LINK#${purpose}`,
})

export const loadLink = (row: Row): Link => ({
  linkId: textIn(row, 'linkId'),
  address: textIn(row, 'address'),
  expiresMs: countIn(row, 'expiresMs'),
})

export const storeLink = (link: Link): Row => ({ ...link, expiresMs: BigInt(link.expiresMs) })

/** For the commit that does what the link is for. */
export const useLinkOp = (key: Key, { linkId }: Pick<Link, 'linkId'>): Op => ({
  kind: 'delete',
  key,
  when: { equals: { linkId } },
})
