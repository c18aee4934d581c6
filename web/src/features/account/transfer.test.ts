import { Problem, type ProblemCode } from '@cnop/contract/problem.ts'
import { describe, expect, it } from 'vitest'
import {
  amountOf,
  arrived,
  availableAfter,
  EMPTY,
  failed,
  greatest,
  leftBehind,
  requestOf,
  sending,
  type Transfer,
  typedInto,
} from './transfer.ts'

const ANSWER = {
  success: true,
  message: 'Deposited 25.00 USD.',
  transaction_id: 'transfer-1',
  timestamp: '2026-03-01T09:00:00.000Z',
}

/** Keys that count, so that a new one is seen. */
function keys() {
  let count = 0
  return () => {
    count += 1
    return `key-${count}`
  }
}

/** Sends the draft once and lets it be refused. */
function refusedWith(code: ProblemCode, newKey: () => string): Transfer {
  const draft = typedInto(EMPTY, '25')
  const request = requestOf(draft, newKey)!
  return failed(sending(draft, request), request, new Problem(code))
}

describe('the key of a draft', () => {
  it.each<[ProblemCode, string]>([
    ['dependency-down', 'key-1'],
    ['outcome-unknown', 'key-1'],
    ['internal-error', 'key-1'],
    ['rate-limited', 'key-1'],
    ['not-signed-in', 'key-1'],
    ['second-factor-required', 'key-1'],
    ['daily-limit-exceeded', 'key-2'],
    ['insufficient-funds', 'key-2'],
    ['account-frozen', 'key-2'],
  ])('after %s the same amount is sent under %s', (code, key) => {
    const newKey = keys()
    const transfer = refusedWith(code, newKey)
    expect(transfer.typed).toBe('25')
    expect(requestOf(transfer, newKey)).toEqual({ key, amount: '25' })
  })

  it('is another one for another amount', () => {
    const newKey = keys()
    const transfer = typedInto(refusedWith('rate-limited', newKey), '26')
    expect(requestOf(transfer, newKey)).toEqual({ key: 'key-2', amount: '26' })
  })

  it('stays when the same amount is only written in another way', () => {
    const newKey = keys()
    const transfer = typedInto(refusedWith('rate-limited', newKey), '25.00')
    expect(requestOf(transfer, newKey)?.key).toBe('key-1')
  })

  it('is never used for two transfers that arrived', () => {
    const newKey = keys()
    const request = requestOf(typedInto(EMPTY, '25'), newKey)!
    const next = typedInto(arrived(request, ANSWER), '25')
    expect(requestOf(next, newKey)?.key).toBe('key-2')
  })
})

it('as long as nobody knows whether it arrived, nothing else can be sent', () => {
  const newKey = keys()
  const transfer = typedInto(refusedWith('outcome-unknown', newKey), '9999')
  expect(transfer.typed).toBe('25')
  expect(requestOf(transfer, newKey)).toEqual({ key: 'key-1', amount: '25' })
})

it('what is on its way is not sent a second time by a second click', () => {
  const request = { key: 'key-1', amount: '25' }
  expect(requestOf(sending(typedInto(EMPTY, '25'), request), keys())).toBeUndefined()
})

it('the end of a session leaves the draft and takes the receipt', () => {
  const request = { key: 'key-1', amount: '25' }
  expect(leftBehind(arrived(request, ANSWER))).toEqual(EMPTY)
  expect(leftBehind(typedInto(EMPTY, '25')).typed).toBe('25')
})

it.each([
  ['12.5', '12.5'],
  ['1,234.50', '1234.5'],
  ['0', undefined],
  ['0.001', undefined],
  ['1,234', undefined],
  ['-5', undefined],
  ['', undefined],
])('%s is meant as %s', (typed, amount) => {
  expect(amountOf(typed)).toBe(amount)
})

it('no more can be moved than the day allows, nor withdrawn than is there', () => {
  expect(greatest('deposit', { available: '1.00', remaining: '400.00' })).toBe('400.00')
  expect(greatest('withdraw', { available: '1.00', remaining: '400.00' })).toBe('1.00')
  expect(greatest('withdraw', { available: '500.00', remaining: '400.00' })).toBe('400.00')
})

it('what is left afterwards is told to the cent, and not at all below zero', () => {
  expect(availableAfter('deposit', '90071992547409931234.57', '0.01')).toBe(
    '90071992547409931234.58',
  )
  expect(availableAfter('withdraw', '10.00', '10')).toBe('0.00')
  expect(availableAfter('withdraw', '10.00', '10.01')).toBeUndefined()
})
