import { Readable } from 'node:stream'
import type { WireAnswer, WireRequest } from '@cnop/contract/call.ts'
import { Problem } from '@cnop/contract/problem.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { TIMEOUT_HEADER } from '../deadline.ts'
import { createTelemetry } from '../telemetry.ts'
import { ConnectionLost, NeverReached, type Transport } from '../transport.ts'
import { balanceTransports } from './balanced-transport.ts'
import { type GuardedTransport, guardTransport } from './guarded-transport.ts'

const read: WireRequest = { service: 'order', method: 'GET', path: '/x', headers: {} }
const write: WireRequest = { ...read, method: 'POST' }
const keyed: WireRequest = { ...write, headers: { 'idempotency-key': 'k'.repeat(16) } }
const good: WireAnswer = { status: 200, headers: {}, body: '{}' }

const down = (cause: unknown): Problem => new Problem('dependency-down', { cause })
const LOST = down(new ConnectionLost())
const UNREACHED = down(new NeverReached())
const LATE = down('deadline')

/** What a replica does with what it is asked. */
type Doing = WireAnswer | Problem | Promise<WireAnswer> | (() => Promise<WireAnswer>)

let doings: Doing[]
let asked: number[]
let wires: WireRequest[]
let nowMs: number
let balanced: GuardedTransport

beforeEach(() => {
  doings = [good, good, good]
  asked = []
  wires = []
  nowMs = 0
  const telemetry = createTelemetry({ processMetrics: false })
  const replicas = [0, 1, 2].map((number) => {
    const answer = async (wire: WireRequest): Promise<WireAnswer> => {
      if (wire.path === '/health/live') return good
      asked.push(number)
      wires.push(wire)
      const doing = doings[number] as Doing
      if (doing instanceof Problem) throw doing
      return typeof doing === 'function' ? doing() : doing
    }
    const transport: Transport = {
      send: answer,
      open: async (wire) => ({ ...(await answer(wire)), body: Readable.from([]) }),
      close: async () => undefined,
    }
    return {
      address: `http://10.0.0.${number}:8002`,
      transport: guardTransport(transport, 'order', {
        service: 'gateway',
        rules: { failuresMax: 2, openMs: 60_000, successesMin: 1 },
        telemetry,
        now: () => nowMs,
        chance: () => 0,
        lookMs: 5,
        replica: number + 1,
      }),
    }
  })
  balanced = balanceTransports(replicas, () => nowMs)
  return () => balanced.close()
})

const send = (request: WireRequest): Promise<string> =>
  balanced.send(request).then(
    ({ status }) => String(status),
    (error: Problem) => error.code,
  )

const countsOf = (numbers: readonly number[]): readonly number[] =>
  [0, 1, 2].map((number) => numbers.filter((one) => one === number).length)

describe('replicas', () => {
  test('are asked in turn while all are equally idle', async () => {
    for (let i = 0; i < 30; i += 1) await send(read)
    expect(countsOf(asked)).toEqual([10, 10, 10])
  })

  test('that take longer are asked less', async () => {
    doings[1] = new Promise(() => undefined)
    for (let i = 0; i < 50; i += 1) void send(read)
    await new Promise((resolve) => setImmediate(resolve))
    asked = []
    for (let i = 0; i < 50; i += 1) await send(read)
    expect(countsOf(asked)[1]).toBe(0)
  })

  test('keep a customer, until one of them has too much to do', async () => {
    const mine = { ...read, affinity: 'U1' }
    for (let i = 0; i < 20; i += 1) await send(mine)
    expect(new Set(asked).size).toBe(1)
    const home = asked[0] as number
    doings[home] = new Promise(() => undefined)
    asked = []
    for (let i = 0; i < 40; i += 1) void send(mine)
    await new Promise((resolve) => setTimeout(resolve, 5))
    // Sixteen more than the idlest, which got eight each by then.
    expect(countsOf(asked)[home]).toBe(24)
    expect(asked).toHaveLength(40)
  })

  test('share the customers about equally', async () => {
    for (let i = 0; i < 3_000; i += 1) await send({ ...read, affinity: `customer-${i}` })
    for (const count of countsOf(asked)) expect(count).toBeGreaterThan(900)
  })

  test('give up their own customers alone when one is gone', async () => {
    const homes = async (): Promise<readonly number[]> => {
      asked = []
      for (let i = 0; i < 300; i += 1) await send({ ...keyed, affinity: `customer-${i}` })
      return asked
    }
    const before = await homes()
    doings[2] = UNREACHED
    await homes()
    const after = await homes()
    for (const [i, home] of before.entries()) if (home !== 2) expect(after[i]).toBe(home)
    expect(countsOf(after)[2]).toBeLessThan(10)
  })
})

describe('a call that fails', () => {
  test.each([
    ['a read', read, LOST],
    ['what carries a key', keyed, LOST],
    ['anything that nobody can have heard', write, UNREACHED],
  ])('is asked of another: %s', async (_, request, trouble) => {
    doings = [trouble, trouble, good]
    for (let i = 0; i < 6; i += 1) expect(await send(request)).toBe('200')
  })

  test('is not when it may have been done and has no key', async () => {
    doings = [LOST, LOST, LOST]
    expect(await send(write)).toBe('dependency-down')
    expect(asked).toHaveLength(1)
  })

  test('is not when its time is over, and has what is left of it otherwise', async () => {
    doings = [LATE, LATE, LATE]
    expect(await send(read)).toBe('dependency-down')
    expect(asked).toHaveLength(1)
    const slow = async (): Promise<WireAnswer> => {
      nowMs += 400
      throw LOST
    }
    doings = [slow, slow, slow]
    wires = []
    await send({ ...read, headers: { [TIMEOUT_HEADER]: '1000' } })
    expect(wires.map(({ headers }) => headers[TIMEOUT_HEADER])).toEqual(['1000', '600', '200'])
  })

  test('fails when every replica does, with what the last one said', async () => {
    doings = [UNREACHED, UNREACHED, UNREACHED]
    expect(await send(write)).toBe('dependency-down')
    expect(new Set(asked).size).toBe(3)
  })
})

describe('a replica that is dead', () => {
  test('is left alone after its failures, and asked again once it lives', async () => {
    doings[0] = UNREACHED
    for (let i = 0; i < 30; i += 1) expect(await send(write)).toBe('200')
    expect(countsOf(asked)[0]).toBe(2)
    expect(balanced.breakerState).toBe('closed')
    expect(balanced.replicas?.map(({ breakerState }) => breakerState)).toEqual([
      'open',
      'closed',
      'closed',
    ])
    doings[0] = good
    asked = []
    while (countsOf(asked)[0] === 0) {
      await new Promise((resolve) => setTimeout(resolve, 2))
      await send(read)
    }
    expect(balanced.replicas?.[0]?.breakerState).toBe('closed')
  })

  test('is not tried with what could not be asked again', async () => {
    doings[0] = UNREACHED
    for (let i = 0; i < 10; i += 1) await send(write)
    await new Promise((resolve) => setTimeout(resolve, 30))
    asked = []
    for (let i = 0; i < 10; i += 1) await send(write)
    expect(countsOf(asked)[0]).toBe(0)
  })

  test('opens the whole only when all are', async () => {
    doings = [UNREACHED, UNREACHED, UNREACHED]
    for (let i = 0; i < 3; i += 1) await send(write)
    expect(balanced.breakerState).toBe('open')
    expect(balanced.admits).toBe(false)
  })
})
