/**
 * Keeps what a customer chooses in the account, one change after the other. What is chosen here
 * holds here at once; the account hears of it, and tells the next device.
 */
import type { Preferences } from '@cnop/contract/user.ts'

export type Keeping =
  /** Nobody is signed in: this browser remembers. */
  | { readonly is: 'local' }
  | { readonly is: 'kept' }
  | { readonly is: 'saving' }
  | { readonly is: 'failed'; readonly error: unknown }

/** `updated_at` is absent where the account has never kept anything. */
type Answer = Preferences & { readonly updated_at?: string }

export type PreferenceKeeper = {
  state(): Keeping
  onChange(listener: () => void): () => void
  /** Somebody is signed in: the account is asked, and whatever it has kept holds here from now. */
  begin(): Promise<void>
  end(): void
  chose(change: Partial<Preferences>): Promise<void>
  retry(): Promise<void>
}

export function createPreferenceKeeper({
  read,
  write,
  here,
  adopt,
}: {
  readonly read: () => Promise<Answer>
  readonly write: (change: Partial<Preferences>) => Promise<unknown>
  /** What holds in this browser. */
  readonly here: () => Preferences
  readonly adopt: (change: Partial<Preferences>) => void
}): PreferenceKeeper {
  const listeners = new Set<() => void>()
  let state: Keeping = { is: 'local' }
  let account = newAccount()

  function show(mine: Account, next: Keeping): void {
    if (mine !== account) return
    state = next
    for (const listener of listeners) listener()
  }

  async function load(mine: Account): Promise<void> {
    try {
      const { updated_at, ...theirs } = await read()
      if (mine !== account) return
      mine.known = true
      if (updated_at !== undefined) adopt(without(theirs, mine.waiting))
      // What was chosen before there was an account comes along.
      else mine.waiting = { ...differing(here(), theirs), ...mine.waiting }
      show(mine, { is: 'kept' })
    } catch (error) {
      show(mine, { is: 'failed', error })
    }
    await flush(mine)
  }

  async function flush(mine: Account): Promise<void> {
    const idle = mine === account && mine.known && !mine.writing
    if (!idle || Object.keys(mine.waiting).length === 0) return
    const sent = mine.waiting
    mine.waiting = {}
    mine.writing = true
    show(mine, { is: 'saving' })
    try {
      await write(sent)
      show(mine, { is: 'kept' })
    } catch (error) {
      mine.waiting = { ...sent, ...mine.waiting }
      show(mine, { is: 'failed', error })
      return
    } finally {
      mine.writing = false
    }
    await flush(mine)
  }

  return {
    state: () => state,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    begin() {
      account = newAccount()
      return load(account)
    },
    end() {
      account = newAccount()
      show(account, { is: 'local' })
    },
    chose(change) {
      account.waiting = { ...account.waiting, ...change }
      return flush(account)
    },
    retry: () => (account.known ? flush(account) : load(account)),
  }
}

/** Of one sign-in; what an answer for an earlier one says is void. */
type Account = {
  /** Chosen, and not on its way yet. */
  waiting: Partial<Preferences>
  /** Whether the account has said what it keeps: nothing is written before. */
  known: boolean
  writing: boolean
}

const newAccount = (): Account => ({ waiting: {}, known: false, writing: false })

const without = (all: Preferences, some: Partial<Preferences>): Partial<Preferences> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !(name in some)))

const differing = (mine: Preferences, theirs: Preferences): Partial<Preferences> =>
  Object.fromEntries(
    Object.entries(mine).filter(([name, value]) => theirs[name as keyof Preferences] !== value),
  )
