/** Portfolios that texts are written of: for tests. */
import { type Briefing, decideBriefing, type Gathered } from '../decide-briefing.ts'

export type SampleAsset = {
  readonly id: string
  readonly name?: string
  readonly value: string
  readonly profit?: string
  readonly day?: string
}

export type Sample = {
  readonly total: string
  readonly cash: string
  readonly assets?: readonly SampleAsset[]
  /** Equity day by day; nothing flows in or out unless said. */
  readonly equity?: readonly string[]
  readonly flows?: readonly string[]
  readonly orders?: readonly string[]
}

export function gatheredOf({
  total,
  cash,
  assets = [],
  equity = [],
  flows = [],
  orders = [],
}: Sample): Gathered {
  return {
    portfolio: {
      total_value: total,
      cash_balance: cash,
      assets: assets.map(({ id, name = id, value, profit = '0.00' }) => ({
        asset_id: id,
        asset_name: name,
        quantity: '1',
        current_price: value,
        market_value: value,
        unrealized_pnl: profit,
      })),
    },
    orders: orders.map((order_type, index) => ({
      order_id: `order-${index}`,
      order_type,
      asset_id: 'BTC',
      status: 'completed',
    })),
    history: equity.map((value, index) => ({ equity: value, net_flow: flows[index] ?? '0.00' })),
    dayChanges: new Map(assets.flatMap(({ id, day }) => (day === undefined ? [] : [[id, day]]))),
  }
}

export const briefingOf = (sample: Sample): Briefing => decideBriefing(gatheredOf(sample))

/** A usual portfolio: some cash, three assets, a month of history. */
export const USUAL: Sample = {
  total: '10000.00',
  cash: '1000.00',
  assets: [
    { id: 'ETH', name: 'Ethereum', value: '2500.00', profit: '-500.00', day: '-1.256' },
    { id: 'BTC', name: 'Bitcoin', value: '6000.00', profit: '1000.00', day: '2.5' },
    { id: 'SOL', name: 'Solana', value: '500.00' },
  ],
  equity: ['9000', '9090', '8999.1', '9179.08', '9087.29', '9178.16', '10000'],
  orders: ['market_buy', 'market_sell', 'market_buy'],
}
