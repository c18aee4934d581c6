import type { Store } from '@cnop/kit/store/store.ts'
import { loadHolder, loadUser, profileKey, type User, usernameOrEmailKey } from './user-rows.ts'

/** The user behind a name or an address, without regard to case. */
export async function findUser(usernameOrEmail: string, store: Store): Promise<User | undefined> {
  const [row] = await store.snapshot([usernameOrEmailKey(usernameOrEmail)])
  const userId = loadHolder(row)
  return userId === undefined ? undefined : readUser(userId, store)
}

export async function readUser(userId: string, store: Store): Promise<User | undefined> {
  const [row] = await store.snapshot([profileKey(userId)])
  return row === undefined ? undefined : loadUser(userId, row)
}
