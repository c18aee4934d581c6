/** Whole histories of an account from a list of numbers, so that a test can draw and shrink them. */
import type { Answer } from '../ledger/commit-command.ts'
import { RED_POCKET, type TestLedger } from './test-ledger.ts'

/** What one step came to: an answer, or the code of what was thrown. */
export type Happened = { readonly step: string; readonly outcome: number | string }

const ASSETS = ['BTC', 'ETH'] as const
const MINUTE_MS = 60_000

/** What a history needs more of, to see orders filled in parts. */
const ALSO = ['deposit', 'holdPurchase', 'fillPart', 'fillPart', 'fillPart'] as const

type Act = (draw: number) => Promise<Answer | undefined>

/** Takes one step for every number; refusals are part of a history, anything else is thrown. */
export async function live(ledger: TestLedger, draws: readonly number[]): Promise<Happened[]> {
  const orders: string[] = []
  const happened: Happened[] = []
  const acts = actsOf(ledger, orders)
  const names = [...Object.keys(acts), ...ALSO]
  for (const draw of draws) {
    const step = names[draw % names.length] ?? 'deposit'
    const rest = Math.floor(draw / names.length)
    try {
      const answer = await acts[step]?.(rest)
      happened.push({ step, outcome: answer?.status ?? 0 })
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown)) throw thrown
      happened.push({ step, outcome: String(thrown.code) })
    }
  }
  return happened
}

function actsOf(ledger: TestLedger, orders: string[]): Record<string, Act> {
  const assetOf = (draw: number) => ASSETS[draw % 2] ?? 'BTC'
  const remember = (answer: Answer): Answer => {
    if (answer.status === 201) orders.push(JSON.parse(answer.body).data.order_id)
    return answer
  }
  /** One of the last three: most of those before them have ended. */
  const orderOf = (draw: number) => orders[orders.length - 1 - (draw % 3)] ?? 'none'
  return {
    ...cashActs(ledger),
    buyQuantity: (draw) =>
      ledger.place({
        order_type: 'market_buy',
        asset_id: assetOf(draw),
        quantity: `0.${String((draw % 9_999) + 1).padStart(6, '0')}`,
      }),
    buyNotional: (draw) =>
      ledger.place({ order_type: 'market_buy', asset_id: assetOf(draw), notional: cents(draw) }),
    sellQuantity: (draw) =>
      ledger.place({
        order_type: 'market_sell',
        asset_id: assetOf(draw),
        quantity: `0.${String((draw % 999) + 1).padStart(6, '0')}`,
      }),
    sellNotional: (draw) =>
      ledger.place({ order_type: 'market_sell', asset_id: assetOf(draw), notional: cents(draw) }),
    holdPurchase: async (draw) =>
      remember(
        await ledger.holdOrder({ ...HELD, type: 'limit_buy', quantity: heldQuantity(draw) }),
      ),
    holdSale: async () =>
      remember(await ledger.holdOrder({ ...HELD, type: 'limit_sell', quantity: '0.00001' })),
    fillPart: (draw) =>
      ledger.fillPart({ orderId: orderOf(draw), asset: 'BTC', parts: BigInt((draw % 4) + 1) }),
    cancel: (draw) => ledger.cancel(orderOf(draw)),
  }
}

const HELD = { asset: 'BTC', price: '40000' } as const
const heldQuantity = (draw: number): string => `0.00${String((draw % 999) + 1).padStart(4, '0')}`
const cents = (draw: number): string => `${draw % 400}.${String(draw % 100).padStart(2, '0')}`

function cashActs(ledger: TestLedger): Record<string, Act> {
  return {
    deposit: (draw) =>
      ledger.deposit(`${(draw % 4_000) + 1}.${String(draw % 100).padStart(2, '0')}`),
    withdraw: (draw) => ledger.withdraw(cents(draw + 1)),
    adjust: (draw) =>
      ledger.adjust({
        asset_id: draw % 3 === 0 ? 'USD' : 'BTC',
        amount: `${draw % 2 === 0 ? '-' : ''}0.0${(draw % 9) + 1}`,
        reason: 'a random correction',
      }),
    claim: (draw) => ledger.claim(draw % 3 === 0 ? RED_POCKET : `phrase ${draw % 7}`),
    setStatus: (draw) => ledger.setStatus(draw % 5 === 0 ? 'frozen' : 'active'),
    wait: async (draw) => {
      ledger.advance((draw % 500) * MINUTE_MS)
      return undefined
    },
    movePrice: async (draw) => {
      ledger.market.setPrice('BTC', `${40_000 + (draw % 20_000)}.${draw % 97}1`)
      ledger.market.setPrice('ETH', `0.00${(draw % 9_999) + 1}`)
      return undefined
    },
  }
}
