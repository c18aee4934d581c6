import { CorruptRow } from '@cnop/kit/store/row-fields.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chainHash,
  EVENT_TYPES,
  eventBytes,
  eventKey,
  eventSortKey,
  genesisHash,
  type JournalEvent,
  lineOf,
  parseEvent,
  seqOfEventKey,
} from './journal-rows.ts'

const units = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
const word = fc.stringMatching(/^[A-Za-z0-9-]{1,40}$/)
const line = fc.record({
  asset: fc.stringMatching(/^[A-Z0-9]{1,10}$/),
  scale: fc.nat(18),
  a: units,
  h: units,
  xT: units,
  xF: units,
  xE: units,
  cost: units,
  realized: units,
  after: fc.record({ a: units, h: units }),
})
const event: fc.Arbitrary<JournalEvent> = fc.record(
  {
    type: fc.constantFrom(...EVENT_TYPES),
    seq: fc.bigInt({ min: 1n, max: 10n ** 15n }),
    at: fc.constant('2026-03-01T12:00:00.000Z'),
    actor: fc.oneof(
      fc.constant({ kind: 'customer' as const }),
      fc.record({ kind: fc.constantFrom('operator' as const, 'system' as const), id: fc.string() }),
    ),
    requestId: word,
    key: fc.string({ minLength: 1 }),
    fingerprint: word,
    lines: fc.array(line, { maxLength: 3 }),
    reason: fc.string(),
    corrects: fc.bigInt({ min: 1n, max: 10n ** 15n }),
    notional: word,
    worstPrice: word,
    quantityScale: fc.nat(18),
    quoteLifeMs: fc.nat(),
    status: fc.nat(599),
    body: fc.jsonValue().map((value) => JSON.stringify(value)),
  },
  {
    requiredKeys: [
      'type',
      'seq',
      'at',
      'actor',
      'requestId',
      'key',
      'fingerprint',
      'lines',
      'status',
      'body',
    ],
  },
)

describe('the text of an event', () => {
  it('says all of the event, and the answer to the byte', () => {
    fc.assert(
      fc.property(event, (value) => {
        const bytes = eventBytes(value)
        expect(parseEvent(bytes)).toEqual(value)
        expect(bytes.endsWith(`"body":${value.body}}`)).toBe(true)
        expect(eventBytes(parseEvent(bytes))).toBe(bytes)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is short: a posting is its account and its amount', () => {
    const posting = { a: -5n, h: 0n, xT: 4n, xF: 1n, xE: 0n, cost: 0n, realized: 0n }
    const lines = [{ asset: 'USD', scale: 2, ...posting, after: { a: 95n, h: 0n } }]
    const bytes = eventBytes({
      type: 'order-filled',
      seq: 7n,
      at: '2026-03-01T12:00:00.000Z',
      actor: { kind: 'customer' },
      requestId: 'r',
      key: 'k',
      fingerprint: 'f',
      lines,
      status: 201,
      body: '{}',
    })
    expect(bytes).toBe(
      '{"type":"order-filled","seq":7,"at":"2026-03-01T12:00:00.000Z","request":"r","key":"k",' +
        '"fingerprint":"f","lines":[["USD",2,"a-5 xT+4 xF+1","95 0"]],"status":201,"body":{}}',
    )
    expect(lineOf(parseEvent(bytes), 'USD')).toEqual(lines[0])
    expect(lineOf(parseEvent(bytes), 'BTC')).toBeUndefined()
  })

  const GOOD = eventBytes({
    type: 'cash-deposited',
    seq: 1n,
    at: '2026-03-01T12:00:00.000Z',
    actor: { kind: 'operator', id: 'ops' },
    requestId: 'r',
    key: 'k',
    fingerprint: 'f',
    lines: [],
    status: 201,
    body: '{}',
  })

  it.each([
    ['no JSON', 'nonsense'],
    ['no object', 'null'],
    ['an unknown type', GOOD.replace('cash-deposited', 'cash-invented')],
    ['a sequence that is no count', GOOD.replace('"seq":1', '"seq":-1')],
    ['an operator without a name', GOOD.replace('"actor_id":"ops",', '')],
    ['an actor that is nobody', GOOD.replace('"actor":"operator"', '"actor":"ghost"')],
    ['no lines', GOOD.replace('"lines":[],', '')],
    ['a line that is none', GOOD.replace('"lines":[]', '"lines":[7]')],
    ['an unknown account', GOOD.replace('"lines":[]', '"lines":[["USD",2,"zz+1","0 0"]]')],
    ['a posting of no amount', GOOD.replace('"lines":[]', '"lines":[["USD",2,"a+","0 0"]]')],
    ['no balance after', GOOD.replace('"lines":[]', '"lines":[["USD",2,"a+1","1"]]')],
    ['a status that is text', GOOD.replace('"status":201', '"status":"201"')],
  ])('with %s is refused, never guessed', (_, bytes) => {
    expect(() => parseEvent(bytes)).toThrow(CorruptRow)
  })

  it('of the cases above differs in that one thing only', () => {
    expect(parseEvent(GOOD).seq).toBe(1n)
  })
})

describe('the chain', () => {
  it('begins with another hash for every customer', () => {
    expect(genesisHash('ALICE')).not.toBe(genesisHash('BOB'))
  })

  it('changes with every byte of the text and with every hash before', () => {
    fc.assert(
      fc.property(word, fc.string({ minLength: 1 }), fc.nat(), (previous, bytes, draw) => {
        const index = draw % bytes.length
        const other = `${bytes.slice(0, index)}${bytes[index] === 'x' ? 'y' : 'x'}${bytes.slice(index + 1)}`
        const hash = chainHash(previous, bytes)
        expect(chainHash(previous, other)).not.toBe(hash)
        expect(chainHash(`${previous}x`, bytes)).not.toBe(hash)
        expect(hash).toMatch(/^[A-Za-z0-9_-]{43}$/)
      }),
      { numRuns: 200 },
    )
  })

  it('is stored in the order of its sequence', () => {
    const keys = [9n, 10n, 99n, 100n, 10n ** 15n].map(eventSortKey)
    expect([...keys].sort()).toEqual(keys)
    expect(keys.map(seqOfEventKey)).toEqual([9n, 10n, 99n, 100n, 10n ** 15n])
    expect(eventKey('ALICE', 1n)).toEqual({ pk: 'U#ALICE', sk: 'E#0000000000000001' })
  })
})
