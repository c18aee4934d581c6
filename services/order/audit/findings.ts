/** The rules that the books are held against, and what was found. */

/** The rules of the ledger's law that a customer's rows can be checked for, in the order told. */
export const RULES = {
  E1: 'the journal counts 1, 2, 3 to its head',
  E2: 'the journal is one chain of hashes',
  L1: 'the postings of every event sum to zero',
  L2: 'every balance sums to zero with its contra columns',
  L3: 'every balance is what came in less what went out, and neither falls',
  L4: 'no balance is ever negative',
  L6: 'replaying the journal gives the stored rows, every column',
  L8: 'a correction names an earlier event',
  L9: 'the scale of an asset never changes',
  L10: 'trades are rounded in the ledger’s favour, the same on both legs',
  H1: 'what is held is what the open orders hold',
  H2: 'an order that has ended holds nothing',
  H3: 'a hold never grows',
  O1: 'orders change only as the table of states allows',
  O2: 'an order is completed exactly when all of it is filled',
  O6: 'the terms of an order never change',
  O7: 'an order begins once and ends once at most',
  F1: 'fills add up to the order',
  F3: 'every fill is at a quote that was fresh',
  R1: 'a day pays one small reward at most, and nothing after the red pocket',
  I1: 'a key has one effect at most',
} as const

export type Rule = keyof typeof RULES

export const RULE_NAMES = Object.keys(RULES) as readonly Rule[]

export type Findings = {
  /** Keeps the first break of each rule. */
  broken(rule: Rule, detail: string): void
  /** No more of the rules that are not broken can be vouched for. */
  stopped(rule: Rule, detail: string): void
  readonly breaks: ReadonlyMap<Rule, string>
  readonly stop: () => string | undefined
}

export function createFindings(): Findings {
  const breaks = new Map<Rule, string>()
  let stop: string | undefined
  return {
    broken(rule, detail) {
      if (!breaks.has(rule)) breaks.set(rule, detail)
    },
    stopped(rule, detail) {
      if (!breaks.has(rule)) breaks.set(rule, detail)
      stop ??= detail
    },
    breaks,
    stop: () => stop,
  }
}
