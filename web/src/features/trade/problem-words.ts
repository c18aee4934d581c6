/** Refusals of an order as sentences, and where on the ticket each belongs. */
import type { Capabilities } from '@cnop/contract/capabilities.ts'
import type { Problem, ProblemCode } from '@cnop/contract/problem.ts'
import { refusalWords } from '../../client/refusal-words.ts'
import { showQuantity, showUsd } from '../../format/money.ts'
import { t } from '../../messages.ts'

/** What is said about how much; everything else is about the moment, and stands below. */
const ABOUT_AMOUNT: readonly ProblemCode[] = [
  'insufficient-funds',
  'insufficient-holdings',
  'order-too-small',
  'order-too-large',
  'invalid-input',
]

export const isAboutAmount = ({ code }: Problem): boolean => ABOUT_AMOUNT.includes(code)

export type Facts = {
  readonly symbol: string
  readonly limits: Capabilities['limits'] | undefined
  readonly cash: string | undefined
  readonly holding: string | undefined
}

/** In figures as they are written here, where they are known; else in the server's own words. */
export function amountWords(problem: Problem, facts: Facts): string {
  const { symbol, limits, cash, holding } = facts
  if (problem.code === 'insufficient-funds' && cash !== undefined)
    return t('You have {cash} to spend.', { cash: showUsd(cash) })
  if (problem.code === 'insufficient-holdings' && holding !== undefined)
    return t('You have {quantity} {symbol} to sell.', { quantity: showQuantity(holding), symbol })
  if (problem.code === 'order-too-small' && limits !== undefined)
    return t('The least is {min}.', { min: showUsd(limits.order_notional_min) })
  if (problem.code === 'order-too-large' && limits !== undefined)
    return t('The most is {max} an order.', { max: showUsd(limits.order_notional_max) })
  return problem.errors[0]?.message ?? refusalWords(problem).detail
}

export function momentWords(problem: Problem, symbol: string): string {
  const sentences: Partial<Record<ProblemCode, string>> = {
    'price-moved': t('The price has moved beyond what you accepted. Nothing was traded.'),
    'prices-stale': t('The last price of {symbol} is too old to trade at.', { symbol }),
    'asset-halted': t('Trading in {symbol} is halted for the moment.', { symbol }),
    'account-frozen': t('Your account is frozen: you cannot trade. Ask who runs this platform.'),
    'not-signed-in': t('Your session has ended. Sign in again: what you typed stays here.'),
    'bad-token': t('Your session has ended. Sign in again: what you typed stays here.'),
    'rate-limited': t('These were too many requests at once.'),
    'too-busy': t('Too many of your orders are waiting.'),
    'dependency-down': t('The platform does not answer.'),
  }
  return sentences[problem.code] ?? refusalWords(problem).detail
}
