/** What each rule of the books means, for who has never kept any. */
import type { LedgerProof } from '@cnop/contract/portfolio.ts'
import { t } from '../../messages.ts'

type Check = LedgerProof['checks'][number]

/** `L1: the postings …` is the rule L1 and what it says. */
export function ruleOf({ name }: Pick<Check, 'name'>): {
  readonly rule: string | undefined
  readonly says: string
} {
  const [, rule, says = name] = /^([A-Z][0-9]{1,2}): (.*)$/s.exec(name) ?? []
  return { rule, says: says.charAt(0).toUpperCase() + says.slice(1) }
}

/** One plain sentence; a rule that is newer than these pages speaks for itself. */
export function meaningOf(rule: string | undefined): string | undefined {
  const meanings: Readonly<Record<string, string>> = {
    E1: t('No entry is missing, and none was slipped in.'),
    E2: t('Each entry carries a fingerprint of the one before: nobody can change the past unseen.'),
    L1: t('Whatever left one place arrived in another, to the last digit.'),
    L2: t('For all you have, the books say where it came from.'),
    L3: t('Your balances are everything that ever came in, less everything that ever went out.'),
    L4: t('You never owed anything, not even between two entries.'),
    L6: t('Counting again from your first entry ends at exactly the balances you see.'),
    L8: t('A mistake is put right by a new entry that names the old one; nothing is rubbed out.'),
    L9: t('Nobody has changed how many decimal places an asset is counted in.'),
    L10: t('Fractions of a cent are rounded once, by the same rule, on both sides of a trade.'),
    H1: t('What is set aside is what your open orders need, and not a cent more.'),
    H2: t('An order that is over has given back everything it set aside.'),
    H3: t('An order never sets aside more than it did when you placed it.'),
    O1: t('No order went back, or skipped a step on its way.'),
    O2: t('An order is called completed when all of it was traded, and only then.'),
    O6: t('What you asked for was never changed afterwards.'),
    O7: t('Each order begins once and ends once.'),
    F1: t('The trades of an order add up to the order.'),
    F3: t('Every trade was made at a recorded price that was fresh at that moment.'),
    R1: t('Each day paid the rewards it may, and no more.'),
    I1: t('No request of yours was carried out twice.'),
  }
  return rule === undefined ? undefined : meanings[rule]
}
