/** The writer that needs nobody: the same figures give the same sentences. */
import { divideNearest, formatDecimal, formatUsd } from '@cnop/contract/money.ts'
import type { BriefedHolding, Briefing } from './decide-briefing.ts'
import type { Model } from './model.ts'

export const RULE_BASED = 'rule-based'

export const createRuleBasedModel = (): Model => ({
  name: RULE_BASED,
  write: async (briefing) => writeByRules(briefing),
})

/** What is said of an account that has nothing yet. */
export const NOTHING_YET =
  'There is nothing to describe yet: this account holds neither cash nor assets. After a first deposit and a first purchase you will read here how your money is spread and how much it moves.'

export function writeByRules(briefing: Briefing): string {
  if (briefing.totalCents <= 0n) return NOTHING_YET
  const sentences = [
    spreadOf(briefing),
    weightOf(briefing),
    gainsOf(briefing.holdings),
    movesOf(briefing),
  ]
  return sentences.filter((sentence) => sentence !== undefined).join(' ')
}

function spreadOf({ totalCents, cashShare, holdings: [largest, ...more] }: Briefing): string {
  const total = `${grouped(formatUsd(totalCents))} USD`
  if (largest === undefined) return `Your account holds ${total} in cash and no assets.`
  const cash = cashShare === 0n ? 'no cash' : `${percent(cashShare)} in cash`
  return more.length === 0
    ? `Your portfolio is worth ${total}, with ${cash} and ${percent(largest.share)} in ${nameOf(largest)}, its only asset.`
    : `Your portfolio is worth ${total}, with ${cash} and ${more.length + 1} assets, the largest of them ${nameOf(largest)} with ${percent(largest.share)} of the whole.`
}

const MOSTLY_CASH = 60_00n
const CONCENTRATED = 40_00n
const HARDLY_ANY = 2_00n

/** What the weights mean if the market falls: the question that a spread is about. */
function weightOf({ cashShare, holdings: [largest] }: Briefing): string {
  if (largest === undefined)
    return 'Cash does not follow the market: it neither gains when prices rise nor loses when they fall.'
  const invested = 100_00n - cashShare
  if (cashShare >= MOSTLY_CASH)
    return `Most of it is cash: if all your assets fell by 10%, the whole would lose ${percent(tenth(invested))}.`
  if (largest.share >= CONCENTRATED)
    return `That is concentrated: if ${largest.asset} alone fell by 10%, the whole would lose ${percent(tenth(largest.share))}.`
  if (cashShare < HARDLY_ANY)
    return `Hardly any cash is left, so a fall of the market reaches nearly all of it: 10% there is ${percent(tenth(invested))} here.`
  return `No asset outweighs the others: if ${largest.asset} alone fell by 10%, the whole would lose ${percent(tenth(largest.share))}.`
}

const tenth = (share: bigint): bigint => divideNearest(share, 10n)

/** The furthest ahead and the furthest behind of what they cost. */
function gainsOf(holdings: readonly BriefedHolding[]): string | undefined {
  const told = holdings.flatMap((holding) =>
    holding.gain === undefined ? [] : [{ ...holding, gain: holding.gain }],
  )
  const [first, ...others] = told
  if (first === undefined) return undefined
  if (others.length === 0)
    return `Against what you paid, ${first.asset} stands at ${signed(first.gain)}${dayOf(first)}.`
  const best = others.reduce((one, other) => (other.gain > one.gain ? other : one), first)
  const worst = others.reduce((one, other) => (other.gain < one.gain ? other : one), first)
  if (best.gain === worst.gain)
    return `Against what you paid, every asset stands at ${signed(best.gain)}.`
  return `Against what you paid, ${best.asset} is the strongest at ${signed(best.gain)}${dayOf(best)} and ${worst.asset} the weakest at ${signed(worst.gain)}${dayOf(worst)}.`
}

const dayOf = ({ dayChange }: BriefedHolding): string =>
  dayChange === undefined ? '' : ` (${signed(dayChange)} within 24 hours)`

function movesOf({ month, orders }: Briefing): string | undefined {
  if (month !== undefined) {
    const { change, volatility, drawdown } = month
    const fall =
      drawdown === 0n
        ? 'and never stood below an earlier high'
        : `and stood at worst ${percent(drawdown)} below an earlier high`
    return `Over the last 30 days, deposits and withdrawals aside, the value changed by ${signed(change)}, moved ${percent(volatility)} on a usual day ${fall}.`
  }
  if (orders.count === 0) return undefined
  const { count, purchases } = orders
  return count === 1
    ? `Your only order so far was a ${purchases === 1 ? 'purchase' : 'sale'}; how much the value moves can be told after a few days.`
    : `Of your last ${count} orders ${purchases} were purchases; how much the value moves can be told after a few days.`
}

const nameOf = ({ name, asset }: BriefedHolding): string => {
  const plain = plainName(name)
  return plain === '' || plain === asset ? asset : `${plain} (${asset})`
}

const NAME_LENGTH_MAX = 40

/** A name is data: letters, digits and a few signs of it, and nothing that could be more. */
export const plainName = (name: string): string =>
  name
    .replace(/[^\p{L}\p{N} .'&-]/gu, ' ')
    .replace(/\.(?=\S)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, NAME_LENGTH_MAX)

const oneDecimal = (hundredths: bigint): string =>
  formatDecimal(divideNearest(hundredths, 10n), 1, 1)

const percent = (hundredths: bigint): string => `${oneDecimal(hundredths)}%`

const signed = (hundredths: bigint): string =>
  `${hundredths > 0n ? '+' : ''}${percent(hundredths)}`
    .replace(/^-0\.0/, '0.0')
    .replace(/^\+0\.0/, '0.0')
    .replace('-', '−')

const grouped = (text: string): string => text.replace(/\B(?=(\d{3})+\.)/g, ',')
