import { Problem } from '@cnop/contract/problem.ts'
import { expect, it } from 'vitest'
import { balanceOf, eventOf, holdingText } from '../testing/stored-rows.ts'
import { createTestLedger } from '../testing/test-ledger.ts'

const PRIZE = { asset_id: 'ETH', amount: '0.5', reason: 'a prize' }

async function withAccount() {
  const ledger = createTestLedger()
  await ledger.deposit('100')
  return ledger
}

it('a correction is an event of the operator’s, with its reason and the event it corrects', async () => {
  const ledger = await withAccount()
  const { status } = await ledger.adjust({ ...PRIZE, corrects_event: 1 })
  expect(status).toBe(201)
  expect(await holdingText(ledger.store, 'ETH')).toBe('0.5 0')
  expect(await eventOf(ledger.store, 2n)).toMatchObject({
    type: 'balance-adjusted',
    actor: { kind: 'operator', id: 'ops' },
    reason: 'a prize',
    corrects: 1n,
  })
  expect((await ledger.audit()).ok).toBe(true)
})

it('a balance that is there is corrected without asking inventory', async () => {
  const ledger = await withAccount()
  await ledger.adjust(PRIZE)
  ledger.market.fail(new Problem('dependency-down'))
  expect((await ledger.adjust({ ...PRIZE, amount: '-0.1' })).status).toBe(201)
  expect((await ledger.adjust({ ...PRIZE, asset_id: 'USD', amount: '-0.01' })).status).toBe(201)
  expect(await holdingText(ledger.store, 'ETH')).toBe('0.4 0')
})

it('a balance that is not there has the scale that inventory says', async () => {
  const ledger = await withAccount()
  await ledger.adjust(PRIZE)
  expect((await balanceOf(ledger.store, 'ETH'))?.scale).toBe(6)
  const unknown = ledger.adjust({ ...PRIZE, asset_id: 'NONE' })
  await expect(unknown).rejects.toMatchObject({ code: 'asset-not-found' })
})

it('an asset can be corrected while it is halted and its price is stale', async () => {
  const ledger = await withAccount()
  ledger.market.list('ETH', '2500', 6)
  ledger.market.halt('ETH')
  ledger.market.stopAt(0)
  expect((await ledger.adjust(PRIZE)).status).toBe(201)
})

it('corrections do not count towards the limits of the day', async () => {
  const ledger = await withAccount()
  await ledger.adjust({ ...PRIZE, asset_id: 'USD', amount: '50000' })
  expect((await ledger.deposit('9900')).status).toBe(201)
})
