/** Asks somebody who is signed in for the password again: who stole a session does not have it. */
import { Problem } from '@cnop/contract/problem.ts'
import type { Op, Row, Store } from '@cnop/kit/store/store.ts'
import type { SignInGuard } from '../sign-in/sign-in-guard.ts'
import type { Visitor } from '../visitor.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { loadPassword, passwordKey } from './password-rows.ts'

export type Confirming = {
  readonly userId: string
  readonly password: string
  readonly visitor: Visitor
}

export type ConfirmingParts = {
  readonly store: Store
  readonly hasher: PasswordHasher
  readonly guard: SignInGuard
}

/** The version of the password. Throws `wrong-credentials`, `sign-in-blocked` or `too-busy`. */
export async function confirmPassword(
  { userId, password, visitor: { address, requestId } }: Confirming,
  { store, hasher, guard }: ConfirmingParts,
): Promise<bigint> {
  const [row] = await store.snapshot([passwordKey(userId)])
  if (row === undefined) throw new Problem('not-signed-in')
  const { hash, version } = loadPassword(row)
  await guard.attempt({ userId, address, requestId }, async () => {
    if (!(await hasher.verify(password, hash))) throw new Problem('wrong-credentials')
  })
  return version
}

/** For the commit that stands on it. Throws `wrong-credentials` when there is another by now. */
export function stillConfirmed(userId: string, row: Row | undefined, version: bigint): Op {
  if (row === undefined || loadPassword(row).version !== version) {
    throw new Problem('wrong-credentials')
  }
  return { kind: 'check', key: passwordKey(userId), when: { equals: { version } } }
}
