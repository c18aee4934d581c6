import { formatUsd } from '@cnop/contract/money.ts'
import { Problem } from '@cnop/contract/problem.ts'
import type { RewardAnswer } from '@cnop/contract/reward.ts'
import type { Cache, StrikeRule } from '@cnop/kit/cache/cache.ts'
import type { Answer, Asked } from '../ledger/commit-command.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { dayOf } from '../ledger/moment.ts'
import { decideReward } from './decide-reward.ts'
import type { RedPocket } from './red-pocket.ts'

export type RewardParts = {
  readonly redPocket: RedPocket
  /** Where every replica counts what was guessed. */
  readonly cache: Pick<Cache, 'strike' | 'blockedMs'>
  /** Wrong phrases within an hour, after which none is heard for a while. */
  readonly guessesPerHour: number
}

const SMALL_CENTS = 8_88n
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Pays what a phrase is worth. Throws `rate-limited` where too many wrong ones were said. */
export async function claimReward(
  asked: Asked & { readonly body: { readonly phrase: string } },
  parts: RewardParts & {
    readonly ledger: Ledger
    readonly newId: () => string
    readonly now: () => number
  },
): Promise<Answer> {
  const { redPocket, ledger, newId } = parts
  const found = redPocket.amountOf(asked.body.phrase)
  await refuseGuessing(asked.userId, { ...parts, wrong: found === undefined })
  const kind = found === undefined ? 'small' : 'red-pocket'
  const amount = found ?? SMALL_CENTS
  const transferId = newId()
  return ledger.commit({
    asked,
    decide: ({ account }, { at }) => ({
      change: decideReward({ kind, amount, transferId }, { account, today: dayOf(at) }),
      status: 200,
      answer: {
        success: true,
        message: kind === 'small' ? 'A small reward.' : 'The red pocket.',
        amount: formatUsd(amount),
        got_red_pocket: kind === 'red-pocket',
        transaction_id: transferId,
        timestamp: at,
      } satisfies RewardAnswer,
    }),
  })
}

/**
 * A wrong phrase pays once a day and is a guess every time, counted before it is answered: many at
 * once gain nothing, and the last that is heard is the one that begins the block. Whoever is blocked
 * does not learn whether the next phrase is right either.
 */
async function refuseGuessing(
  userId: string,
  {
    cache,
    guessesPerHour,
    now,
    wrong,
  }: Pick<RewardParts, 'cache' | 'guessesPerHour'> & {
    readonly now: () => number
    readonly wrong: boolean
  },
): Promise<void> {
  const key = `phrase:${userId}`
  if (wrong && (await cache.strike(key, ruleOf(guessesPerHour), now())) > 0) return
  const leftMs = await cache.blockedMs(key, now())
  if (leftMs > 0) throw new Problem('rate-limited', { retryAfterSeconds: Math.ceil(leftMs / 1000) })
}

const ruleOf = (failuresMax: number): StrikeRule => ({
  failuresMax,
  windowMs: HOUR_MS,
  blockMs: HOUR_MS,
  blockMaxMs: DAY_MS,
})
