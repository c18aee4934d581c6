/** Ops that write a letter in the commit it tells of, so that neither is there without the other. */
import type { Op } from '@cnop/kit/store/store.ts'
import { type LetterPurpose, putLetter, type WaitingLetter } from './letter-rows.ts'
import { type LinkPurpose, linkKey, storeLink } from './link-rows.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const LINK_LIFE_MS: Readonly<Record<LinkPurpose, number>> = {
  'reset-password': 30 * MINUTE_MS,
  'verify-email': 24 * HOUR_MS,
}
/** Whoever hears of a change a day late hears it too late. */
const NOTICE_LIFE_MS = 24 * HOUR_MS

type Writing = {
  readonly userId: string
  readonly address: string
  readonly nowMs: number
  readonly newId: () => string
}

/** A new link and the letter that carries it; links of the purpose that are out end. */
export function linkLetterOps(
  purpose: LinkPurpose,
  { userId, address, nowMs, newId }: Writing,
): readonly Op[] {
  const linkId = newId()
  const expiresMs = nowMs + LINK_LIFE_MS[purpose]
  return [
    {
      kind: 'put',
      key: linkKey(userId, purpose),
      row: storeLink({ linkId, address, expiresMs }),
    },
    putLetter({
      id: newId(),
      purpose,
      userId,
      linkId,
      address,
      attempts: 0,
      dueMs: nowMs,
      expiresMs,
    }),
  ]
}

/** A letter that tells the owner what has happened. */
export const noticeOp = (
  purpose: Exclude<LetterPurpose, LinkPurpose>,
  { userId, address, apiKeys, nowMs, newId }: Writing & Pick<WaitingLetter, 'apiKeys'>,
): Op =>
  putLetter({
    id: newId(),
    purpose,
    userId,
    linkId: undefined,
    apiKeys,
    address,
    attempts: 0,
    dueMs: nowMs,
    expiresMs: nowMs + NOTICE_LIFE_MS,
  })
