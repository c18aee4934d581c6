import type { Op } from '@cnop/kit/store/store.ts'
import { linkKey } from '../mail/link-rows.ts'
import { profileKey, type User } from '../users/user-rows.ts'
import { type Password, passwordKey, storePassword } from './password-rows.ts'

/** Replaces a password, while it and the profile it was checked against are what they were. */
export const newPasswordOps = (
  user: User,
  { present, hash }: { present: Password; hash: string },
): readonly Op[] => [
  { kind: 'check', key: profileKey(user.userId), when: { equals: { version: user.version } } },
  {
    kind: 'put',
    key: passwordKey(user.userId),
    row: storePassword({ hash, version: present.version + 1n }),
    when: { equals: { version: present.version } },
  },
]

/** A link that was asked for before is not worth more than the password it was to replace. */
export const endResetLinkOp = (userId: string): Op => ({
  kind: 'delete',
  key: linkKey(userId, 'reset-password'),
})
