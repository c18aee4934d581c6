/**
 * Whose password this is. An unknown name takes the path of a known one with a wrong password,
 * reads and argon2 included, so that neither the answer nor its time tells which names exist.
 */
import { Problem } from '@cnop/contract/problem.ts'
import { type CommitClock, commitDecision } from '@cnop/kit/store/commit-decision.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import {
  loadHolder,
  loadUser,
  profileKey,
  type User,
  usernameOrEmailKey,
} from '../users/user-rows.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { loadPassword, passwordKey } from './password-rows.ts'

export type Credentials = {
  readonly usernameOrEmail: string
  readonly password: string
  readonly deadline: number
}

export type VerifyParts = {
  readonly store: Store
  readonly hasher: PasswordHasher
  readonly clock: CommitClock
}

/** Who it is, and which of their passwords it was. */
export type Verified = {
  readonly user: Pick<User, 'userId' | 'username'>
  readonly passwordVersion: bigint
}

/** No user has this id. */
const NOBODY = 'nobody'

/** Throws `wrong-credentials` or `too-busy`. A hash that costs less than new ones is replaced. */
export async function verifyPassword(
  credentials: Credentials,
  parts: VerifyParts,
): Promise<Verified> {
  const { store, hasher } = parts
  const { usernameOrEmail, password } = credentials
  const [holderRow] = await store.snapshot([usernameOrEmailKey(usernameOrEmail)])
  const userId = loadHolder(holderRow) ?? NOBODY
  const [userRow, passwordRow] = await store.snapshot([profileKey(userId), passwordKey(userId)])
  const stored = passwordRow && loadPassword(passwordRow)
  const right = await hasher.verify(password, stored?.hash ?? hasher.nobodysHash)
  if (!right || userRow === undefined || stored === undefined) {
    throw new Problem('wrong-credentials')
  }
  if (hasher.isOutdated(stored.hash)) await raiseCost(userId, stored.hash, credentials, parts)
  return { user: loadUser(userId, userRow), passwordVersion: stored.version }
}

async function raiseCost(
  userId: string,
  outdatedHash: string,
  { password, deadline }: Credentials,
  { store, hasher, clock }: VerifyParts,
): Promise<void> {
  const key = passwordKey(userId)
  const raise: Op = {
    kind: 'update',
    key,
    set: { hash: await hasher.hash(password) },
    when: { equals: { hash: outdatedHash } },
  }
  await commitDecision({
    store,
    keys: [key],
    decide: ([row]) => {
      const outdated = row !== undefined && loadPassword(row).hash === outdatedHash
      return { ops: outdated ? [raise] : [], outcome: undefined }
    },
    deadline,
    clock,
  })
}
