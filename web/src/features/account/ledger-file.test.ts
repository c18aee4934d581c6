import { expect, it } from 'vitest'
import { csvOf } from '../../format/csv.ts'
import { LEDGER_COLUMNS, ledgerRows } from './ledger-file.ts'

it('a withdrawal stays a number in a file, and a reference that looks like a formula is none', () => {
  const rows = ledgerRows([
    {
      transaction_id: 'transfer-1',
      transaction_type: 'withdraw',
      amount: '-750.00',
      status: 'completed',
      created_at: '2026-03-01T09:00:00.000Z',
      reference_id: '@SUM(A1)',
    },
  ])
  expect(csvOf(LEDGER_COLUMNS, rows)).toBe(
    'time,type,amount_usd,status,reference_id,transaction_id\r\n' +
      "2026-03-01T09:00:00.000Z,withdraw,-750.00,completed,'@SUM(A1),transfer-1\r\n",
  )
})
