/** What an operator may set: limits and the fee. Amounts are cents. */
export type OrderRules = {
  readonly orderMin: bigint
  readonly orderMax: bigint
  /** Of the value of an order, in hundredths of a percent. */
  readonly feeBasisPoints: bigint
  /** How far the suggested worst price of a market order is from the quote. */
  readonly protectionBasisPoints: bigint
  readonly depositPerDayMax: bigint
  readonly withdrawPerDayMax: bigint
}

export const ORDER_RULES_DEFAULT: OrderRules = {
  orderMin: 1_00n,
  orderMax: 10_000_00n,
  feeBasisPoints: 0n,
  protectionBasisPoints: 100n,
  depositPerDayMax: 10_000_00n,
  withdrawPerDayMax: 5_000_00n,
}
