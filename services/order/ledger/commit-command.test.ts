import { setTimeout as pause } from 'node:timers/promises'
import { withdraw } from '@cnop/contract/balance.ts'
import type { OrderBody } from '@cnop/contract/order.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { itemBytes } from '@cnop/kit/store/row-rules.ts'
import { type Key, type Op, type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { describe, expect, it } from 'vitest'
import { ALICE, accountOf, BOB, balanceOf, eventOf, rowsOf } from '../testing/stored-rows.ts'
import { createChance, createTestLedger, NOON, type TestLedger } from '../testing/test-ledger.ts'
import { NO_POSTING } from '../testing/waiting-order.ts'
import { partitionOf } from './account-rows.ts'
import { type Answer, type Asked, type Command, commitCommands } from './commit-command.ts'

const KEY = '3f6c2f2e-9d0b-4a3c-8a59-0b6a4d1f7e11'
const BUY: OrderBody = { order_type: 'market_buy', asset_id: 'BTC', quantity: '0.01' }
const DAY_MS = 24 * 3600 * 1000

const codeOf = async (answer: Promise<Answer>): Promise<string> => {
  try {
    const { status, body } = await answer
    return status < 400 ? String(status) : String(JSON.parse(body).code)
  } catch (thrown) {
    if (thrown instanceof Problem) return `thrown ${thrown.code}`
    throw thrown
  }
}

async function richLedger(options: Parameters<typeof createTestLedger>[0] = {}) {
  const ledger = createTestLedger(options)
  await ledger.deposit('10000')
  return ledger
}

/** What a command did to the rows of Alice: sort keys added or changed. */
async function touchedBy(ledger: TestLedger, act: () => Promise<unknown>): Promise<string[]> {
  const before = await rowsOf(ledger.store)
  await act()
  const after = await rowsOf(ledger.store)
  const kinds = [...after].filter(
    ([sk, row]) => JSON.stringify(row, text) !== JSON.stringify(before.get(sk), text),
  )
  return kinds.map(([sk]) => sk)
}
const text = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)

describe('one command', () => {
  it('of a market order writes six rows of at most a kilobyte', async () => {
    const ledger = await richLedger()
    await ledger.place({ ...BUY, quantity: '0.001' })
    const touched = await touchedBy(ledger, () =>
      ledger.place({ ...BUY, worst_price: '50500.12' }, { key: KEY, requestId: KEY }),
    )
    expect(touched.map((sk) => sk.slice(0, 2))).toEqual(['@H', 'B#', 'B#', 'E#', 'I#', 'O#'])
    const rows = await rowsOf(ledger.store)
    for (const sk of touched) {
      expect(itemBytes({ pk: partitionOf(ALICE), sk }, rows.get(sk)!)).toBeLessThanOrEqual(1024)
    }
  })

  it('answers with the bytes that its event keeps', async () => {
    const ledger = await richLedger()
    const { status, body, replayed } = await ledger.place(BUY)
    expect([status, replayed]).toEqual([201, false])
    const event = await eventOf(ledger.store, 2n)
    expect(event).toMatchObject({ type: 'order-filled', status: 201, body })
    expect(JSON.parse(body).data).toMatchObject({ status: 'completed', total_amount: '500.00' })
  })

  it('reads the head, the cash and its key, and of assets and orders only those it is about', async () => {
    const memory = createMemoryStore({ now: () => NOON })
    const read: string[][] = []
    const ledger = await richLedger({
      store: {
        ...memory,
        snapshot: async (keys) => {
          read.push(keys.map(({ sk }) => sk))
          return memory.snapshot(keys)
        },
      },
    })
    await ledger.withdraw('1', { key: KEY })
    expect(read.at(-1)).toEqual(['@HEAD', 'B#USD', `I#${KEY}`])
    await ledger.place(BUY, { key: 'another' })
    expect(read.at(-1)).toEqual(['@HEAD', 'B#USD', 'I#another', 'B#BTC'])
  })

  it('that is refused for the state it met writes its answer and nothing else', async () => {
    const ledger = await richLedger()
    const touched = await touchedBy(ledger, () => ledger.withdraw('5000.01', { key: KEY }))
    expect(touched).toEqual([`I#${KEY}`])
  })

  it.each<[string, (ledger: TestLedger) => Promise<Answer>, string]>([
    ['bad input', (l) => l.deposit('0', { key: KEY }), 'invalid-input'],
    [
      'an unknown asset',
      (l) => l.place({ ...BUY, asset_id: 'NONE' }, { key: KEY }),
      'asset-not-found',
    ],
    [
      'cash as an asset',
      (l) => l.place({ ...BUY, asset_id: 'USD' }, { key: KEY }),
      'asset-not-found',
    ],
    ['an unknown order', (l) => l.cancel('nobodys-order', { key: KEY }), 'order-not-found'],
    [
      'a stale price',
      (l) => {
        l.market.stopAt(NOON - 60_000)
        return l.place(BUY, { key: KEY })
      },
      'prices-stale',
    ],
    [
      'a silent inventory',
      (l) => {
        l.market.fail(new Problem('dependency-down'))
        return l.place(BUY, { key: KEY })
      },
      'dependency-down',
    ],
    [
      'a deadline that has passed',
      (l) => l.deposit('1', { key: KEY, deadline: NOON }),
      'contention',
    ],
  ])('that ends with %s writes nothing at all, and its key stays free', async (_, act, code) => {
    const ledger = await richLedger()
    const before = await rowsOf(ledger.store)
    expect(await codeOf(act(ledger))).toBe(`thrown ${code}`)
    expect(await rowsOf(ledger.store)).toEqual(before)
    expect(await codeOf(ledger.deposit('0.01', { key: KEY, userId: BOB }))).toBe('201')
  })

  it('gives one hint for a commit, and none where nothing was changed', async () => {
    const ledger = await richLedger()
    expect(ledger.commits).toEqual([ALICE])
    await ledger.withdraw('9000')
    expect(ledger.commits).toEqual([ALICE])
  })

  it('never makes the journal’s time run backwards, whatever the clock does', async () => {
    const ledger = await richLedger()
    ledger.advance(-3_600_000)
    await ledger.deposit('0.01', { userId: BOB })
    await ledger.withdraw('1')
    expect((await eventOf(ledger.store, 2n)).at).toBe(new Date(NOON).toISOString())
    expect((await ledger.audit()).ok).toBe(true)
  })
})

describe('the same key', () => {
  it('and the same request replays status and bytes, and changes nothing', async () => {
    const ledger = await richLedger()
    const first = await ledger.place(BUY, { key: KEY })
    const before = await rowsOf(ledger.store)
    ledger.advance(DAY_MS)
    const second = await ledger.place(BUY, { key: KEY })
    expect(second).toEqual({ ...first, replayed: true })
    expect(await rowsOf(ledger.store)).toEqual(before)
  })

  it('replays without a price, though inventory is silent', async () => {
    const ledger = await richLedger()
    const { body } = await ledger.place(BUY, { key: KEY })
    ledger.market.fail(new Problem('dependency-down'))
    expect(await ledger.place(BUY, { key: KEY })).toMatchObject({ body, replayed: true })
  })

  it('replays a refusal to the byte, though it would not be refused now', async () => {
    const ledger = createTestLedger()
    const refused = await ledger.place(BUY, { key: KEY })
    expect(refused.replayed).toBe(false)
    expect(JSON.parse(refused.body)).toMatchObject({
      code: 'insufficient-funds',
      status: 422,
      instance: '/orders',
    })
    await ledger.deposit('1000')
    expect(await ledger.place(BUY, { key: KEY })).toEqual({ ...refused, replayed: true })
    expect(await codeOf(ledger.place(BUY))).toBe('201')
  })

  it.each<[string, (ledger: TestLedger) => Promise<Answer>]>([
    ['another body', (ledger) => ledger.place({ ...BUY, quantity: '0.02' }, { key: KEY })],
    ['another route', (ledger) => ledger.deposit('5', { key: KEY })],
    ['another order', (ledger) => ledger.cancel('another', { key: KEY })],
  ])('and %s is refused, and changes nothing', async (_, act) => {
    const ledger = await richLedger()
    await ledger.place(BUY, { key: KEY })
    const before = await rowsOf(ledger.store)
    expect(await codeOf(act(ledger))).toBe('thrown idempotency-key-reused')
    expect(await rowsOf(ledger.store)).toEqual(before)
  })

  it('of another customer is another key', async () => {
    const ledger = await richLedger()
    await ledger.withdraw('1', { key: KEY })
    expect(await codeOf(ledger.deposit('5', { key: KEY, userId: BOB }))).toBe('201')
  })

  it('is free again after thirty days, and not a second before', async () => {
    const ledger = await richLedger()
    await ledger.withdraw('1', { key: KEY })
    ledger.advance(30 * DAY_MS - 1)
    expect(await codeOf(ledger.withdraw('2', { key: KEY }))).toBe('thrown idempotency-key-reused')
    ledger.advance(1)
    expect(await ledger.withdraw('2', { key: KEY })).toMatchObject({ status: 201, replayed: false })
    expect((await ledger.audit()).ok).toBe(true)
  })

  it('keeps the answer of a command that found all as asked', async () => {
    const ledger = await richLedger()
    await ledger.setStatus('frozen')
    const touched = await touchedBy(ledger, () => ledger.setStatus('frozen', { key: KEY }))
    expect(touched).toEqual([`I#${KEY}`])
    await ledger.setStatus('active')
    expect(await ledger.setStatus('frozen', { key: KEY })).toMatchObject({ replayed: true })
    expect((await accountOf(ledger.store))?.status).toBe('active')
  })
})

describe('many commands of one account at once', () => {
  it('go in few commits, each with an answer and an event of its own', async () => {
    const ledger = await richLedger()
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => ledger.place({ ...BUY, quantity: '0.001' })),
    )
    expect(new Set(answers.map(({ body }) => JSON.parse(body).data.order_id)).size).toBe(64)
    expect((await accountOf(ledger.store))?.seq).toBe(65n)
    expect(ledger.commits.length).toBeLessThanOrEqual(1 + 1 + 4)
    expect((await ledger.audit()).ok).toBe(true)
  })

  it('with money for exactly three fill exactly three', async () => {
    const ledger = createTestLedger()
    await ledger.deposit('1500.99')
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(ledger.place(BUY))))
    expect(codes.filter((code) => code === '201')).toHaveLength(3)
    expect(codes.filter((code) => code === 'insufficient-funds')).toHaveLength(7)
    expect((await balanceOf(ledger.store, 'USD'))?.a).toBe(99n)
  })

  it('with one key have one effect, and the others replay it', async () => {
    const ledger = await richLedger()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ledger.place(BUY, { key: KEY })),
    )
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect((await accountOf(ledger.store))?.seq).toBe(2n)
  })

  it('do not fail for one among them', async () => {
    const ledger = await richLedger()
    const codes = await Promise.all([
      codeOf(ledger.withdraw('1')),
      codeOf(ledger.withdraw('2')),
      codeOf(ledger.withdraw('0')),
      codeOf(ledger.place({ ...BUY, asset_id: 'NONE' })),
      codeOf(ledger.withdraw('4', { deadline: NOON })),
      codeOf(ledger.withdraw('8')),
    ])
    expect(codes).toEqual([
      '201',
      '201',
      'thrown invalid-input',
      'thrown asset-not-found',
      'thrown contention',
      '201',
    ])
    expect((await balanceOf(ledger.store, 'USD'))?.a).toBe(998_900n)
  })
})

describe('a group', () => {
  /** A withdrawal of so many cents, as the ledger is given it. */
  const withdrawal = (amount: bigint, asked: Partial<Asked> = {}): Command => ({
    asked: {
      userId: ALICE,
      actor: { kind: 'customer' },
      requestId: `request-${amount}`,
      key: `key-${amount}`,
      deadline: NOON + 10_000,
      route: withdraw,
      params: {},
      body: { amount: `${amount}` },
      ...asked,
    },
    decide: () => ({
      change: {
        type: 'cash-withdrawn',
        postings: [{ ...NO_POSTING, asset: 'USD', scale: 2, a: -amount, xE: amount }],
      },
      status: 201,
      answer: { withdrawn: `${amount}` },
    }),
  })

  it('has one effect of two commands under one key: the second gets the answer of the first', async () => {
    const ledger = await richLedger()
    const blind = {
      ...ledger.store,
      snapshot: async (keys: readonly Key[]) => {
        if (keys.some(({ sk }) => sk.startsWith('E#'))) throw new StoreFault('throttled', 'busy')
        return ledger.store.snapshot(keys)
      },
    }
    const endings = await commitCommands({ store: blind, clock: ledger.clock }, [
      withdrawal(100n, { key: KEY }),
      withdrawal(100n, { key: KEY, requestId: 'another' }),
    ])
    expect(endings).toEqual([
      { answer: { status: 201, body: '{"withdrawn":"100"}', replayed: false } },
      { answer: { status: 201, body: '{"withdrawn":"100"}', replayed: true } },
    ])
    expect((await balanceOf(ledger.store, 'USD'))?.a).toBe(999_900n)
  })

  it('is tried for as long as the most patient of it waits; the others are told of contention', async () => {
    const ledger = await richLedger()
    const clock = { ...ledger.clock, pause: async () => ledger.advance(400) }
    let conflicts = 0
    const contended: Store = {
      ...ledger.store,
      transact: async (ops, options) => {
        conflicts += 1
        if (conflicts <= 4) throw new StoreFault('conflict', 'another was faster')
        await ledger.store.transact(ops, options)
      },
    }
    const endings = await commitCommands({ store: contended, clock }, [
      withdrawal(100n, { deadline: NOON + 1_000 }),
      withdrawal(200n, { deadline: NOON + 2_000 }),
    ])
    expect(endings).toMatchObject([
      { thrown: { code: 'contention', retryAfterSeconds: 1 } },
      { answer: { status: 201 } },
    ])
    expect((await balanceOf(ledger.store, 'USD'))?.a).toBe(999_800n)
  })

  it('that cannot be read is given up when the most patient of it is', async () => {
    const ledger = await richLedger()
    const clock = { ...ledger.clock, pause: async () => ledger.advance(400) }
    const busy: Store = {
      ...ledger.store,
      snapshot: async () => {
        throw new StoreFault('throttled', 'busy')
      },
    }
    const endings = await commitCommands({ store: busy, clock }, [withdrawal(1n), withdrawal(2n)])
    expect(endings).toMatchObject([
      { thrown: { code: 'contention' } },
      { thrown: { code: 'contention' } },
    ])
    expect(ledger.clock.now()).toBe(NOON + 10_000)
  })
})

/** Two processes on one store that takes its time. */
async function twoProcesses() {
  const memory = createMemoryStore({ now: () => NOON })
  const process = (seed: string) =>
    createTestLedger({
      idPrefix: seed,
      store: createDawdlingStore({
        store: memory,
        chance: createChance(seed),
        pause: async (ms) => {
          await pause(ms)
        },
        pauseMsMax: 3,
      }),
      clock: {
        pause: async (ms) => {
          await pause(ms)
        },
      },
    })
  const processes = [process('01A'), process('01B')] as const
  await processes[0].deposit('10000')
  return { memory, processes, auditor: createTestLedger({ store: memory }) }
}

describe('two processes on one store', () => {
  it('never both win, and neither is refused for the other', async () => {
    const { processes, auditor, memory } = await twoProcesses()
    const codes = await Promise.all(
      Array.from({ length: 64 }, (_, index) =>
        codeOf(processes[index % 2 === 0 ? 0 : 1].place({ ...BUY, quantity: '0.001' })),
      ),
    )
    expect(codes.every((code) => code === '201')).toBe(true)
    expect((await accountOf(memory))?.seq).toBe(65n)
    expect((await auditor.audit()).checks.filter(({ ok }) => !ok)).toEqual([])
  })

  it('give one key one effect', async () => {
    const { processes, auditor, memory } = await twoProcesses()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        processes[index % 2 === 0 ? 0 : 1].place(BUY, { key: KEY, requestId: KEY }),
      ),
    )
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
    expect((await accountOf(memory))?.seq).toBe(2n)
    expect((await auditor.audit()).ok).toBe(true)
  })
})

/** A store where an event can be written over another one: the head stands alone. */
const withoutGuardOfEvents = (store: Store): Store => ({
  ...store,
  transact: (ops, options) =>
    store.transact(
      ops.map((op) => {
        if (op.kind !== 'put' || !op.key.sk.startsWith('E#')) return op
        const { when: _guard, ...unguarded } = op
        return unguarded
      }),
      options,
    ),
})

describe('the head alone keeps two processes apart', () => {
  async function race(balance: string) {
    const memory = createMemoryStore({ now: () => NOON })
    const processes = ['01A', '01B'].map((idPrefix) =>
      createTestLedger({
        idPrefix,
        store: createDawdlingStore({
          store: withoutGuardOfEvents(memory),
          chance: createChance(idPrefix),
          pause: async (ms) => {
            await pause(ms)
          },
          pauseMsMax: 3,
        }),
      }),
    )
    const auditor = createTestLedger({ store: memory })
    if (balance !== '0') await auditor.deposit(balance)
    const at = (index: number) => processes[index % 2] ?? auditor
    return { memory, at, auditor }
  }
  const clean = async ({ auditor }: { auditor: TestLedger }) =>
    expect((await auditor.audit()).checks.filter(({ ok }) => !ok)).toEqual([])

  it('when both open the account', async () => {
    const world = await race('0')
    const codes = await Promise.all([0, 1].map((index) => codeOf(world.at(index).deposit('7'))))
    expect(codes).toEqual(['201', '201'])
    expect((await accountOf(world.memory))?.seq).toBe(2n)
    await clean(world)
  })

  it('when both change it, and there is money for exactly ten', async () => {
    const world = await race('10')
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => codeOf(world.at(index).withdraw('1'))),
    )
    expect(codes.filter((code) => code === '201')).toHaveLength(10)
    expect(codes.filter((code) => code === 'insufficient-funds')).toHaveLength(10)
    expect((await balanceOf(world.memory, 'USD'))?.a).toBe(0n)
    await clean(world)
  })

  it('when one freezes it while the other is spending', async () => {
    const world = await race('100')
    await Promise.all([
      world.at(0).setStatus('frozen'),
      ...Array.from({ length: 9 }, () => codeOf(world.at(1).withdraw('1'))),
    ])
    expect((await accountOf(world.memory))?.status).toBe('frozen')
    expect(await codeOf(world.at(1).withdraw('1'))).toBe('account-frozen')
    await clean(world)
  })
})

/** A store whose transactions do what the test says instead. */
function createFailing(memory: Store) {
  let fault: ((ops: readonly Op[], token: string) => Promise<void>) | undefined
  const store: Store = {
    ...memory,
    transact: async (ops, options) => {
      const failing = fault
      if (failing === undefined) return memory.transact(ops, options)
      return failing(ops, options.token)
    },
  }
  return {
    store,
    fail: (next: typeof fault) => {
      fault = next
    },
  }
}

describe('when the store fails', () => {
  async function failing() {
    const memory = createMemoryStore({ now: () => NOON })
    const faulty = createFailing(memory)
    const ledger = await richLedger({ store: faulty.store })
    const unknown = new StoreFault('outcome-unknown', 'no answer')
    return { memory, ledger, unknown, fail: faulty.fail }
  }

  it('a lost answer is found again: one effect, and its answer', async () => {
    const { memory, ledger, unknown, fail } = await failing()
    let lost = 0
    fail(async (ops, token) => {
      await memory.transact(ops, { token })
      lost += 1
      if (lost <= 3) throw unknown
    })
    const answer = await ledger.place(BUY, { key: KEY })
    expect(answer.status).toBe(201)
    expect(lost).toBe(3)
    expect((await accountOf(memory))?.seq).toBe(2n)
    fail(undefined)
    expect((await ledger.place(BUY, { key: KEY })).body).toBe(answer.body)
  })

  it('a lost request is sent again: one effect', async () => {
    const { memory, ledger, unknown, fail } = await failing()
    let lost = 0
    fail(async (ops, token) => {
      lost += 1
      if (lost <= 4) throw unknown
      await memory.transact(ops, { token })
    })
    expect(await codeOf(ledger.place(BUY, { key: KEY }))).toBe('201')
    expect((await accountOf(memory))?.seq).toBe(2n)
  })

  it('what stays unknown is told as that, and settled by the same key', async () => {
    const { memory, ledger, unknown, fail } = await failing()
    fail(async () => {
      ledger.advance(60_000)
      throw unknown
    })
    expect(await codeOf(ledger.place(BUY, { key: KEY }))).toBe('thrown outcome-unknown')
    fail(undefined)
    expect(await codeOf(ledger.place(BUY, { key: KEY }))).toBe('201')
    expect((await accountOf(memory))?.seq).toBe(2n)
  })

  it('no refusal is claimed while an attempt may still be applied', async () => {
    const { memory, ledger, unknown, fail } = await failing()
    const late: (() => Promise<void>)[] = []
    fail(async (ops, token) => {
      late.push(() => memory.transact(ops, { token }))
      ledger.market.stopAt(NOON - 60_000)
      throw unknown
    })
    await expect(ledger.place(BUY, { key: KEY })).rejects.toMatchObject({
      code: 'outcome-unknown',
      retryAfterSeconds: 1,
      cause: { code: 'prices-stale' },
    })
    await late[0]?.()
    fail(undefined)
    expect(await ledger.place(BUY, { key: KEY })).toMatchObject({ status: 201, replayed: true })
  })

  it('a store that cannot write is told as that, and nothing is kept', async () => {
    const { memory, ledger, fail } = await failing()
    const before = await rowsOf(memory)
    fail(async () => {
      throw new StoreFault('unavailable', 'disk full')
    })
    expect(await codeOf(ledger.place(BUY, { key: KEY }))).toBe('thrown store-unavailable')
    expect(await codeOf(ledger.withdraw('9999', { key: KEY }))).toBe('thrown store-unavailable')
    expect(await rowsOf(memory)).toEqual(before)
  })

  it('a race lost is decided again on what won, and filled at the price of then', async () => {
    const { memory, ledger, fail } = await failing()
    const other = createTestLedger({ store: memory, idPrefix: '01B' })
    let races = 0
    fail(async (ops, token) => {
      races += 1
      if (races === 1) {
        await other.withdraw('100')
        ledger.market.setPrice('BTC', '60000')
      }
      await memory.transact(ops, { token })
    })
    const { body } = await ledger.place(BUY)
    expect(races).toBe(2)
    expect(JSON.parse(body).data).toMatchObject({ total_amount: '600.00' })
    expect((await balanceOf(memory, 'USD'))?.a).toBe(930_000n)
    expect((await accountOf(memory))?.seq).toBe(3n)
  })

  it('a race that never ends is given up at the deadline, with nothing written', async () => {
    const { memory, ledger, fail } = await failing()
    const before = await rowsOf(memory)
    fail(async () => {
      ledger.advance(2_000)
      throw new StoreFault('conflict', 'another was faster')
    })
    expect(await codeOf(ledger.place(BUY))).toBe('thrown contention')
    expect(await rowsOf(memory)).toEqual(before)
  })

  it('a kept answer that cannot be read is unknown, not undone', async () => {
    const { memory, ledger } = await failing()
    await ledger.place(BUY, { key: KEY })
    const silent = createTestLedger({
      store: {
        ...memory,
        snapshot: async (keys) => {
          if (keys.some(({ sk }) => sk.startsWith('E#'))) throw new StoreFault('throttled', 'busy')
          return memory.snapshot(keys)
        },
      },
    })
    await expect(silent.place(BUY, { key: KEY })).rejects.toMatchObject({
      code: 'outcome-unknown',
      retryAfterSeconds: 1,
      cause: { code: 'throttled' },
    })
  })

  it('an event that is gone is an error that names it, and no answer', async () => {
    const { memory, ledger } = await failing()
    await ledger.place(BUY, { key: KEY })
    const forgetful = createTestLedger({
      store: {
        ...memory,
        snapshot: async (keys) =>
          keys.some(({ sk }) => sk.startsWith('E#'))
            ? keys.map(() => undefined)
            : memory.snapshot(keys),
      },
    })
    await expect(forgetful.place(BUY, { key: KEY })).rejects.toThrow('Event 2 is missing')
  })

  it('a program’s mistake is nobody’s refusal', async () => {
    const { ledger, fail } = await failing()
    fail(async () => {
      throw new StoreFault('too-large', 'a row is too large')
    })
    await expect(ledger.place(BUY)).rejects.toThrow('a row is too large')
  })
})
