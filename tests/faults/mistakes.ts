/** Mistakes that somebody could make, and what must find each of them within how many tries. */
import type { Mistake } from './plant-mistake.ts'

export type Hunt = Mistake & {
  /** The programme, and how many seeds of the simulation or histories of the model it may take. */
  readonly by: 'simulation' | 'model'
  readonly within: number
}

const POST_CHANGE = 'services/order/ledger/post-change.ts'
const COMMIT_COMMAND = 'services/order/ledger/commit-command.ts'
const COMMIT_DECISION = 'kit/store/commit-decision.ts'
const DECIDE_ORDER = 'services/order/orders/decide-order.ts'
const DECIDE_TRANSFER = 'services/order/cash/decide-transfer.ts'

/** The event's own row guards what the head does: only without it the head stands alone. */
const EVENTS_MAY_BE_OVERWRITTEN = {
  file: POST_CHANGE,
  from: 'storeEvent({ bytes, hash }), { absent: true })',
  to: 'storeEvent({ bytes, hash }))',
}

export const HUNTS: readonly Hunt[] = [
  {
    name: 'a cancelled order keeps its hold on the balance',
    by: 'simulation',
    within: 50,
    changes: [
      {
        file: 'services/order/orders/decide-cancel.ts',
        from: 'order.hold === 0n ? [] : [released(order)]',
        to: '[]',
      },
    ],
  },
  {
    name: 'a cancelled order gives back a cent more than it held',
    by: 'simulation',
    within: 50,
    changes: [
      {
        file: 'services/order/orders/decide-cancel.ts',
        from: 'a: hold, h: -hold, xT: 0n,',
        to: 'a: hold + 1n, h: -hold, xT: -1n,',
      },
    ],
  },
  {
    name: 'cancelling does not look whether the order is still open',
    by: 'simulation',
    within: 50,
    changes: [
      {
        file: 'services/order/orders/decide-cancel.ts',
        from: 'if (!OPEN.includes(order.status)) {',
        to: 'if (order.status === undefined) {',
      },
      {
        file: 'services/order/orders/order-states.ts',
        from: 'NEXT[before.status].includes(after.status)',
        to: 'true',
      },
    ],
  },
  {
    name: 'the head has no condition, and events may be overwritten',
    by: 'simulation',
    within: 50,
    changes: [
      EVENTS_MAY_BE_OVERWRITTEN,
      { file: POST_CHANGE, from: '{ equals: { seq: account.seq } }', to: '(undefined as never)' },
    ],
  },
  {
    name: 'the first change of an account may run over another first change',
    by: 'simulation',
    within: 200,
    changes: [
      EVENTS_MAY_BE_OVERWRITTEN,
      {
        file: POST_CHANGE,
        from: 'account === undefined ? { absent: true }',
        to: 'account === undefined ? (undefined as never)',
      },
    ],
  },
  {
    name: 'a group is committed under the conditions of its last command',
    by: 'simulation',
    within: 200,
    changes: [
      {
        file: POST_CHANGE,
        from: 'draft.writes.get(key.sk)?.when ?? when',
        to: 'when ?? draft.writes.get(key.sk)?.when',
      },
    ],
  },
  {
    name: 'a key is forgotten',
    by: 'simulation',
    within: 50,
    changes: [
      {
        file: COMMIT_COMMAND,
        from: 'kept !== undefined && kept.expires * 1000n > BigInt(nowMs)',
        to: 'kept !== undefined && kept.expires * 1000n < BigInt(nowMs)',
      },
      {
        file: POST_CHANGE,
        from: '{ equals: { fingerprint: before.fingerprint, expires: before.expires } }',
        to: '(undefined as never)',
      },
    ],
  },
  {
    name: 'the row of the key is not in the commit of its change',
    by: 'simulation',
    within: 50,
    changes: [{ file: POST_CHANGE, from: '  keepAnswer(draft, told, { seq })\n', to: '' }],
  },
  {
    name: 'two requests may keep an answer under one key',
    by: 'simulation',
    within: 200,
    changes: [
      {
        file: POST_CHANGE,
        from: `    before === undefined
      ? { absent: true }
      : { equals`,
        to: `    before === undefined
      ? (undefined as never)
      : { equals`,
      },
    ],
  },
  {
    name: 'a refusal is not kept',
    by: 'simulation',
    within: 50,
    changes: [
      {
        file: COMMIT_COMMAND,
        from: '    keepUnchanged(draft, { key, fingerprint, at: moment.at, status, body })\n',
        to: '',
      },
    ],
  },
  {
    name: 'another request under the same key gets the first one’s answer',
    by: 'simulation',
    within: 100,
    changes: [
      {
        file: COMMIT_COMMAND,
        from: 'kept.fingerprint !== fingerprint',
        to: "kept.fingerprint === ''",
      },
    ],
  },
  {
    name: 'a lost reply is told as a failure',
    by: 'simulation',
    within: 100,
    changes: [
      {
        file: COMMIT_DECISION,
        from: 'if (unknown) return new',
        to: "if (unknown && String(fault) === '') return new",
      },
      {
        file: COMMIT_COMMAND,
        from: 'unknown ? outcomes.map(neverFailed) : outcomes',
        to: 'outcomes',
      },
    ],
  },
  {
    name: 'an unknown outcome is taken for a success',
    by: 'simulation',
    within: 50,
    changes: [
      {
        file: COMMIT_DECISION,
        from: "      if (!hasCode(fault, 'outcome-unknown')) break",
        to: "      if (hasCode(fault, 'outcome-unknown')) return\n      break",
      },
    ],
  },
  {
    name: 'an answer is decided once and committed on whatever is there later',
    by: 'simulation',
    within: 100,
    changes: [
      EVENTS_MAY_BE_OVERWRITTEN,
      {
        file: COMMIT_DECISION,
        from: '  const [rows] = await Promise.all([store.snapshot(keys), gather?.()])\n',
        to: `  const memory = OLD as WeakMap<object, Awaited<ReturnType<typeof store.snapshot>>>
  const read = memory.get(commitment)
  const [fresh] = await Promise.all([store.snapshot(keys), gather?.()])
  const rows = read === undefined ? fresh : [fresh[0], ...read.slice(1)]
  memory.set(commitment, rows)
`,
      },
      {
        file: COMMIT_DECISION,
        from: 'const PAUSE_FIRST_MS = 2\n',
        to: 'const PAUSE_FIRST_MS = 2\nconst OLD = new WeakMap<object, unknown>()\n',
      },
    ],
  },
  {
    name: 'an event is skipped',
    by: 'simulation',
    within: 50,
    changes: [
      {
        file: POST_CHANGE,
        from: '  write(draft, eventKey(userId, seq), storeEvent({ bytes, hash }), { absent: true })\n',
        to: '  if (seq % 7n !== 0n) write(draft, eventKey(userId, seq), storeEvent({ bytes, hash }), { absent: true })\n',
      },
    ],
  },
  {
    name: 'a stale quote is good enough',
    by: 'simulation',
    within: 100,
    changes: [
      {
        file: DECIDE_ORDER,
        from: 'moment.nowMs >= quote.staleAfterMs',
        to: 'moment.nowMs < 0',
      },
    ],
  },
  {
    name: 'a halted asset is traded',
    by: 'simulation',
    within: 100,
    changes: [
      { file: DECIDE_ORDER, from: 'if (quote.halted) {', to: 'if (quote.asset.length === 0) {' },
    ],
  },
  {
    name: 'the worst price is looked at from the wrong side',
    by: 'simulation',
    within: 100,
    changes: [
      {
        file: DECIDE_ORDER,
        from: "side === 'buy' ? price <= worstPrice : price >= worstPrice",
        to: "side === 'sell' ? price <= worstPrice : price >= worstPrice",
      },
    ],
  },
  {
    name: 'a frozen account goes on trading',
    by: 'simulation',
    within: 100,
    changes: [
      {
        file: 'services/order/ledger/decide-account.ts',
        from: "account.status === 'active') return",
        to: "account.status !== 'closed') return",
      },
    ],
  },
  {
    name: 'a sale is rounded in the customer’s favour',
    by: 'simulation',
    within: 50,
    changes: [
      {
        file: DECIDE_ORDER,
        from: 'const notional = notionalDown(quantity, price, scale)',
        to: 'const notional = notionalUp(quantity, price, scale)',
      },
    ],
  },
  {
    name: 'the fee is rounded in the customer’s favour',
    by: 'model',
    within: 50,
    changes: [
      {
        file: 'contract/money.ts',
        from: 'divideUp(cents * basisPoints, 10_000n)',
        to: 'divideDown(cents * basisPoints, 10_000n)',
      },
    ],
  },
  {
    name: 'each fill of an order is rounded by itself',
    by: 'simulation',
    within: 100,
    changes: [
      {
        file: 'services/order/testing/waiting-order.ts',
        from: 'const total = notionalUp(filled, before.price ?? 0n, SCALE)',
        to: 'const total = before.total + notionalUp(filled - before.filled, before.price ?? 0n, SCALE)',
      },
    ],
  },
  {
    name: 'postings do not sum to zero',
    by: 'simulation',
    within: 50,
    changes: [
      {
        file: DECIDE_ORDER,
        from: 'a: total, xT: -notional, xF: fee }',
        to: 'a: total, xT: -notional, xF: 0n }',
      },
      {
        file: POST_CHANGE,
        from: 'posting.a + posting.h + posting.xT + posting.xF + posting.xE !== 0n',
        to: 'posting.scale < 0',
      },
    ],
  },
  {
    name: 'a cent more than there is can be withdrawn',
    by: 'simulation',
    within: 50,
    changes: [
      {
        file: DECIDE_TRANSFER,
        from: 'if (amount > available) {',
        to: 'if (amount > available + 1n) {',
      },
      { file: POST_CHANGE, from: 'after.a < 0n || after.h < 0n', to: 'after.h < 0n' },
    ],
  },
  {
    name: 'the limit of the day counts the last transfer only',
    by: 'simulation',
    within: 100,
    changes: [
      {
        file: POST_CHANGE,
        from: '(today?.depositedToday ?? 0n) +',
        to: '0n +',
      },
    ],
  },
  {
    name: 'the limit of the day is one cent wider',
    by: 'model',
    within: 50,
    changes: [
      { file: DECIDE_TRANSFER, from: 'used + amount <= limit', to: 'used + amount <= limit + 1n' },
    ],
  },
  {
    name: 'the day of a limit begins an hour late',
    by: 'model',
    within: 50,
    changes: [
      {
        file: 'services/order/ledger/moment.ts',
        from: 'at.slice(0, 10)',
        to: 'new Date(Date.parse(at) - 3_600_000).toISOString().slice(0, 10)',
      },
      {
        file: DECIDE_TRANSFER,
        from: 'account.day === at.slice(0, 10)',
        to: 'account.day === new Date(Date.parse(at) - 3_600_000).toISOString().slice(0, 10)',
      },
    ],
  },
  {
    name: 'a sale leaves its cost behind',
    by: 'model',
    within: 100,
    changes: [{ file: DECIDE_ORDER, from: 'cost: -cost, realized', to: 'cost: 0n, realized' }],
  },
  {
    name: 'the small reward is paid again on the same day',
    by: 'simulation',
    within: 50,
    changes: [
      {
        file: 'services/order/rewards/decide-reward.ts',
        from: 'if (had === kind) {',
        to: "if (had === 'red-pocket') {",
      },
    ],
  },
  {
    name: 'an answer is told before it is durable',
    by: 'simulation',
    within: 100,
    changes: [
      {
        file: COMMIT_DECISION,
        from: 'await transactSettled(store, ops, tokenFrom(clock.random))',
        to: 'void transactSettled(store, ops, tokenFrom(clock.random)).catch(() => undefined)',
      },
    ],
  },
]
