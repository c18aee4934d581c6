/**
 * Whoever guesses is stopped: failures count for the pair of an account and an address, and for
 * the address, and too many begin a block that grows.
 *
 * An account is counted under the name it was given, whether anybody has that name, so that a
 * block tells nothing. A user name and an e-mail address count apart: were they counted together,
 * a block under one would tell that the other belongs to it.
 */
import { Problem, type ProblemCode } from '@cnop/contract/problem.ts'
import type { Cache, StrikeRule } from '@cnop/kit/cache/cache.ts'
import { networkOf } from '@cnop/kit/networks.ts'
import { createWorkQueue, type WorkQueue } from '../passwords/work-queue.ts'
import type { SecurityEventQueue } from '../security-log/security-event-queue.ts'

export type SignInRules = {
  readonly signInFailuresPerAccount: number
  readonly signInFailuresPerAddress: number
  readonly signInWindowSeconds: number
  /** Of the first block. */
  readonly signInBlockSeconds: number
}

export type SignInAttempt = {
  /**
   * The user name or the e-mail address as it was given; of somebody who is signed in the user
   * name. Absent where nobody is named, as by a link: then only the address counts.
   */
  readonly account?: string | undefined
  /**
   * Of somebody who is signed in; stands for `account` where that is absent. What others at the
   * same address do does not keep them out.
   */
  readonly userId?: string | undefined
  readonly address: string
  readonly requestId: string
  /** What counts as a failure, where it is not a wrong password or a wrong second factor. */
  readonly failures?: readonly ProblemCode[]
}

export type SignInGuard = {
  /**
   * Does the work unless it is blocked: then it throws `sign-in-blocked` and nothing is done. The
   * attempts of one pair run one after the other, so that no two of them see the same last chance;
   * throws `too-busy` when too many wait. Work that succeeds forgives the failures of the pair.
   */
  attempt<Result>(attempt: SignInAttempt, work: () => Promise<Result>): Promise<Result>
}

const FAILURES: readonly ProblemCode[] = ['wrong-credentials', 'wrong-second-factor']

const BLOCK_MAX_MS = 86_400_000

/** As many requests as the door lets one customer have under way. */
const WAITING_PER_PAIR_MAX = 128

type Rule = StrikeRule & { readonly key: string; readonly what: 'account' | 'address' }

export function createSignInGuard({
  cache,
  now,
  rules,
  events,
}: {
  cache: Pick<Cache, 'strike' | 'blockedMs' | 'forgive'>
  now: () => number
  rules: SignInRules
  events: Pick<SecurityEventQueue, 'push'>
}): SignInGuard {
  const common = {
    windowMs: rules.signInWindowSeconds * 1000,
    blockMs: rules.signInBlockSeconds * 1000,
    blockMaxMs: BLOCK_MAX_MS,
  }
  const takeTurns = createTurns()

  const addressRule = ({ address }: SignInAttempt): Rule => ({
    ...common,
    key: `sign-in-address:${networkOf(address)}`,
    what: 'address',
    failuresMax: rules.signInFailuresPerAddress,
  })

  const pairRule = ({ address }: SignInAttempt, account: string): Rule => ({
    ...common,
    key: `sign-in:${networkOf(address)}:${account.toLowerCase()}`,
    what: 'account',
    failuresMax: rules.signInFailuresPerAccount,
  })

  async function refuseBlocked(keys: readonly Rule[]): Promise<void> {
    const nowMs = now()
    const left = await Promise.all(keys.map(({ key }) => cache.blockedMs(key, nowMs)))
    const leftMs = Math.max(...left)
    if (leftMs === 0) return
    throw new Problem('sign-in-blocked', { retryAfterSeconds: Math.ceil(leftMs / 1000) })
  }

  async function count(attempt: SignInAttempt, failure: Problem, keys: readonly Rule[]) {
    const { account: actor, userId, address, requestId } = attempt
    const who = { outcome: 'refused', actor, userId, address, requestId } as const
    const kind = failure.code === 'wrong-second-factor' ? 'second-factor-failed' : 'sign-in-failed'
    events.push({ ...who, kind, detail: failure.code })
    for (const { key, what, ...rule } of keys) {
      const blockedMs = await cache.strike(key, rule, now())
      if (blockedMs === 0) continue
      const detail = `the ${what}, for ${Math.ceil(blockedMs / 1000)} s`
      events.push({ ...who, kind: 'sign-in-blocked', detail })
    }
  }

  return {
    async attempt(attempt, work) {
      const { account = attempt.userId, failures = FAILURES } = attempt
      const pair = account === undefined ? undefined : pairRule(attempt, account)
      const keys = [...(pair === undefined ? [] : [pair]), addressRule(attempt)]
      const refusing = keys.filter(({ what }) => what === 'account' || attempt.userId === undefined)

      async function inTurn() {
        await refuseBlocked(refusing)
        try {
          const result = await work()
          if (pair !== undefined) await cache.forgive(pair.key)
          return result
        } catch (error) {
          if (error instanceof Problem && failures.includes(error.code)) {
            await count(attempt, error, keys)
          }
          throw error
        }
      }

      await refuseBlocked(refusing)
      return pair === undefined ? inTurn() : takeTurns(pair.key, inTurn)
    },
  }
}

/** One after the other for each key; a key that nobody waits for takes no memory. */
function createTurns(): <Result>(key: string, work: () => Promise<Result>) => Promise<Result> {
  const turns = new Map<string, { readonly queue: WorkQueue; users: number }>()
  return async (key, work) => {
    const turn = turns.get(key) ?? {
      queue: createWorkQueue({ runningMax: 1, waitingMax: WAITING_PER_PAIR_MAX }),
      users: 0,
    }
    turns.set(key, turn)
    turn.users += 1
    try {
      return await turn.queue(work)
    } finally {
      turn.users -= 1
      if (turn.users === 0) turns.delete(key)
    }
  }
}
