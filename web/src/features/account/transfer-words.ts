/** Refusals of a deposit or a withdrawal as sentences, and where each belongs. */
import type { Problem, ProblemCode } from '@cnop/contract/problem.ts'
import { refusalWords } from '../../client/refusal-words.ts'
import { t } from '../../messages.ts'
import type { TransferKind } from './transfer.ts'

const ABOUT_AMOUNT: readonly ProblemCode[] = [
  'invalid-input',
  'insufficient-funds',
  'daily-limit-exceeded',
]

export const isAboutAmount = ({ code }: Problem): boolean => ABOUT_AMOUNT.includes(code)

/** In the server's own words. */
export const amountWords = (problem: Problem): string =>
  problem.errors.find(({ field }) => field === 'amount')?.message ?? refusalWords(problem).detail

/** Why nothing has moved; the amount is not the reason. */
export function refusedWords(problem: Problem, kind: TransferKind): string {
  const sentences: Partial<Record<ProblemCode, string>> = {
    'account-frozen': t('Your account is frozen: no cash moves. Ask who runs this platform.'),
    'second-factor-required':
      kind === 'withdraw'
        ? t('A withdrawal needs a code of your app. Nothing was withdrawn.')
        : t('This needs a code of your app. Nothing was moved.'),
    'rate-limited': t('These were too many requests at once. Nothing was moved.'),
    'too-busy': t('Too many of your requests are waiting. Nothing was moved.'),
    'sign-in-blocked': t('These were too many wrong codes. Nothing was moved.'),
    'not-signed-in': t('Your session is over. Nothing was moved, and the amount is kept.'),
    'bad-token': t('Your session is over. Nothing was moved, and the amount is kept.'),
  }
  return sentences[problem.code] ?? refusalWords(problem).detail
}
