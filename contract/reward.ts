import { type Static, Type } from 'typebox'
import { COMMAND_PROBLEMS } from './problem.ts'
import { closed, DecimalText, defineRoute, Instant } from './route.ts'

export const RewardAnswer = Type.Object({
  success: Type.Boolean(),
  message: Type.String(),
  amount: DecimalText,
  got_red_pocket: Type.Boolean({ description: 'The phrase was one of the list' }),
  transaction_id: Type.String(),
  timestamp: Instant,
})
export type RewardAnswer = Static<typeof RewardAnswer>

export const ClaimBody = closed({
  phrase: Type.String({
    minLength: 1,
    maxLength: 100,
    pattern: '\\S',
    'x-rule': 'Say a phrase of 1 to 100 characters.',
  }),
})

/** A phrase is for people: no API key claims, so that none guesses while its owner sleeps. */
export const claimReward = defineRoute({
  name: 'claimReward',
  service: 'order',
  method: 'POST',
  path: '/cny/claim',
  access: 'customer',
  scope: 'session',
  summary:
    'Say a phrase: the right one pays a red pocket, any other a small reward, once a UTC day',
  body: ClaimBody,
  answer: RewardAnswer,
  problems: ['route-not-found', 'account-frozen', 'reward-claimed', ...COMMAND_PROBLEMS],
  idempotent: true,
})
