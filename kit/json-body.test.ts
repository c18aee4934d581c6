import { OrderBody } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { closed, DecimalInput } from '@cnop/contract/route.ts'
import { Type } from 'typebox'
import { describe, expect, test } from 'vitest'
import { bodyReader, textReader } from './json-body.ts'

const readAmount = bodyReader(closed({ amount: DecimalInput }))
const readOrder = bodyReader(OrderBody)

function refusal(read: () => unknown): Problem {
  try {
    read()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('It was not refused.')
}

describe('a decimal', () => {
  test.each([
    ['{"amount":"12.5"}', '12.5'],
    ['{"amount":12.5}', '12.5'],
    ['{"amount":0.1000}', '0.1000'],
    [
      '{"amount":12345678901234567890.123456789012345678}',
      '12345678901234567890.123456789012345678',
    ],
    ['{"amount":0}', '0'],
  ])('keeps every digit of %s', (text, amount) => {
    expect(readAmount(text)).toEqual({ amount })
  })

  test.each([
    '-1',
    '"-1"',
    '1e3',
    '1E+3',
    '"1e3"',
    '"NaN"',
    '"Infinity"',
    '"٣"',
    '"１２"',
    '"+1"',
    '" 1"',
    '"1 "',
    '"01"',
    '"1."',
    '".5"',
    '"1,000"',
    '"0x10"',
    '""',
    'null',
    'true',
    '[]',
    '{}',
    '["1"]',
    '123456789012345678901',
    `"${'9'.repeat(60)}"`,
    '0.1234567890123456789',
  ])('is not %s', (amount) => {
    const problem = refusal(() => readAmount(`{"amount":${amount}}`))
    expect(problem.code).toBe('invalid-input')
    expect(problem.errors).toEqual([
      { field: 'amount', message: 'Give a plain decimal such as 12.5, without sign or exponent.' },
    ])
  })
})

describe('a body', () => {
  test.each([
    '',
    '{',
    '{"amount":1',
    '{"amount":01}',
    '{"amount":.5}',
    '{"amount":NaN}',
    '{"amount":Infinity}',
    "{'amount':1}",
    '{amount:1}',
    '{"amount":1}}',
    '{"amount":1,}',
    'undefined',
    '\ufeff{"amount":1}',
  ])('that is %j is no JSON, or nothing', (text) => {
    const { code } = refusal(() => readAmount(text))
    expect(code).toBe(text === '' ? 'invalid-input' : 'malformed-json')
  })

  test.each([
    '{"amount":"1","amount":"2"}',
    '{"amount":"1","am\\u006funt":"2"}',
    '{"amount":"1","x":{"a":1,"a":1}}',
  ])('names no field twice: %s', (text) => {
    const problem = refusal(() => readAmount(text))
    expect([problem.code, problem.detail]).toEqual(['malformed-json', 'A field stands twice.'])
  })

  test('may hold text that looks like a name', () => {
    const read = bodyReader(closed({ note: Type.String(), list: Type.Array(Type.String()) }))
    const value = { note: '"note": "amount":', list: ['"a":', ': "b" :', '\\":'] }
    expect(read(JSON.stringify(value))).toEqual(value)
  })

  test('cannot reach a prototype', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const problem = refusal(() => readAmount(`{"amount":"1","${name}":{"polluted":true}}`))
      expect(problem.errors).toEqual([{ field: name, message: 'There is no such field.' }])
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('does not nest without end', () => {
    const nested = (depth: number): string => `{"amount":${'['.repeat(depth)}${']'.repeat(depth)}}`
    expect(refusal(() => readAmount(nested(15))).code).toBe('invalid-input')
    expect(refusal(() => readAmount(nested(16))).detail).toBe('The body nests too deep.')
    expect(refusal(() => readAmount(nested(30_000))).code).toBe('malformed-json')
  })

  test('has every fault named, each once', () => {
    const { errors } = refusal(() =>
      readOrder(
        '{"order_type":"market","quantity":-1,"take_profit":{"price":"x","more":1},"extra":0}',
      ),
    )
    expect(new Map(errors.map(({ field, message }) => [field, message]))).toEqual(
      new Map([
        ['asset_id', 'This field is required.'],
        ['extra', 'There is no such field.'],
        ['order_type', `Use one of ${OrderBody.properties.order_type.enum.join(', ')}.`],
        ['quantity', 'Give a plain decimal such as 12.5, without sign or exponent.'],
        ['take_profit.price', 'Give a plain decimal such as 12.5, without sign or exponent.'],
        ['take_profit.more', 'There is no such field.'],
      ]),
    )
  })

  test.each(['[]', 'null', '1', '"text"', 'true'])('is an object, and not %s', (text) => {
    const problem = refusal(() => readAmount(text))
    expect(problem.code).toBe('invalid-input')
    expect(problem.errors.length).toBeGreaterThan(0)
  })

  test('may be left out only where it is optional', () => {
    const optional = bodyReader(Type.Optional(closed({ note: Type.Optional(Type.String()) })))
    expect(optional(undefined)).toBeUndefined()
    expect(optional('')).toBeUndefined()
    expect(refusal(() => readAmount(undefined)).code).toBe('invalid-input')
  })

  test('gives numbers where numbers are wanted', () => {
    const read = bodyReader(closed({ sequence: Type.Integer({ minimum: 1 }) }))
    expect(read('{"sequence":7}')).toEqual({ sequence: 7 })
    for (const sequence of ['0', '1.5', '"7"', '1e400'])
      expect(refusal(() => read(`{"sequence":${sequence}}`)).errors[0]?.field).toBe('sequence')
  })
})

describe('a query', () => {
  const read = textReader(
    Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
      active: Type.Optional(Type.Boolean()),
      name: Type.Optional(Type.String({ maxLength: 5 })),
    }),
  )

  test('becomes numbers and booleans', () => {
    expect(read({ limit: '50', active: 'true', name: '12' })).toEqual({
      limit: 50,
      active: true,
      name: '12',
    })
    expect(read({ active: 'false' })).toEqual({ active: false })
    expect(refusal(() => read({ active: '1' })).errors[0]?.field).toBe('active')
  })

  test('may name what nobody asked for', () => {
    expect(read({ other: 'x' })).toMatchObject({})
  })

  test.each([
    { limit: '0' },
    { limit: '101' },
    { limit: 'x' },
    { limit: '1.5' },
    { limit: '1e1' },
    { limit: '0x10' },
    { limit: 'true' },
    { limit: '' },
    { limit: ['1', '2'] },
  ])('is refused for %j', (query) => {
    expect(refusal(() => read(query)).errors[0]?.field).toBe('limit')
  })
})
