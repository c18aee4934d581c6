/**
 * An answer tells the door whose sessions and API keys its request has ended. What is watched are
 * the rows that go, so no way of ending one has to remember to tell.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { ENDED_HEADER } from '@cnop/contract/session.ts'
import type { Answerer } from '@cnop/kit/answer-call.ts'
import type { Op, Store } from '@cnop/kit/store/store.ts'
import { isApiKeyTally } from '../api-keys/api-key-rows.ts'
import { userIdIn } from '../users/user-rows.ts'
import { isSessionKey } from './session-rows.ts'

/** The users whom the request that is being answered concerns so far. */
const endedBy = new AsyncLocalStorage<Set<string>>()

export const tellEndings =
  (answer: Answerer): Answerer =>
  (asked) => {
    const ended = new Set<string>()
    return endedBy.run(ended, async () => {
      const { headers, ...answered } = await answer(asked)
      if (ended.size === 0) return { ...answered, headers }
      return { ...answered, headers: { ...headers, [ENDED_HEADER]: [...ended].join(',') } }
    })
  }

/**
 * A store that everything of the service is written through. What is tried counts as done, since
 * nobody may know its outcome: to ask about a token that is still good costs little.
 */
export function createWatchedStore(store: Store): Store {
  return {
    ...store,
    transact(ops, options) {
      const ended = endedBy.getStore()
      for (const op of ops) if (endsAccess(op)) ended?.add(userIdIn(op.key))
      return store.transact(ops, options)
    },
  }
}

/** The tally of API keys moves whenever some are revoked, and when one is made. */
const endsAccess = ({ kind, key }: Op): boolean =>
  (kind === 'delete' && isSessionKey(key)) || (kind === 'put' && isApiKeyTally(key))
