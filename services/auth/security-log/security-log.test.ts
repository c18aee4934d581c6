import { Writable } from 'node:stream'
import { createIds } from '@cnop/kit/ids.ts'
import { createLog } from '@cnop/kit/log.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import { storeHolder, usernameKey } from '../users/user-rows.ts'
import { listSecurityEvents } from './list-security-events.ts'
import { recordOperatorAct } from './record-operator-act.ts'
import { createSecurityEventQueue } from './security-event-queue.ts'
import { type SecurityEvent, securityEventOp } from './security-event-rows.ts'
import { sweepSecurityLog } from './sweep-security-log.ts'
import { createTellingStore } from './telling-store.ts'

const DAY_MS = 86_400_000
const START = Date.parse('2026-03-01T12:00:00.000Z')

let nowMs: number
let newId: () => string
let lines: string[]
let commits: number
/** Thrown by the next transactions. */
let faults: StoreFault[]
let telemetry: ReturnType<typeof createTelemetry>
let log: ReturnType<typeof createLog>

const now = (): number => nowMs
const clock = { ...systemCommitClock, now, pause: async () => undefined }

beforeEach(() => {
  nowMs = START
  newId = createIds(now)
  lines = []
  commits = 0
  faults = []
  telemetry = createTelemetry({ processMetrics: false })
  const destination = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    },
  })
  log = createLog({ level: 'info', service: 'auth', destination })
})

function telling(inner: Store): Store {
  const counted: Store = {
    ...inner,
    async transact(ops, options) {
      const fault = faults.shift()
      if (fault !== undefined) throw fault
      commits += 1
      await inner.transact(ops, options)
    },
  }
  return createTellingStore(counted, { log, telemetry })
}

const memory = () => telling(createMemoryStore({ now }))

const queueTo = (store: Store, waitingMax?: number) =>
  createSecurityEventQueue({
    ...{ store, clock, newId, log, telemetry },
    ...(waitingMax === undefined ? {} : { waitingMax }),
  })

const failed = (fields: Partial<SecurityEvent> = {}): SecurityEvent => ({
  kind: 'sign-in-failed',
  outcome: 'refused',
  requestId: 'r-1',
  address: '203.0.113.7',
  ...fields,
})

const listed = async (
  store: Store,
  wanted: Partial<Parameters<typeof listSecurityEvents>[0]> = {},
) => (await listSecurityEvents({ day: '2026-03-01', limit: 1000, ...wanted }, store)).events

const metricOf = async (name: string): Promise<string> =>
  telemetry.registry.getSingleMetricAsString(name)

describe.each([
  ['memory', memory],
  [
    'dawdling',
    () =>
      telling(
        createDawdlingStore({
          store: createMemoryStore({ now }),
          chance: Math.random,
          pause: systemCommitClock.pause,
          pauseMsMax: 3,
        }),
      ),
  ],
])('the queue of refusals, on a %s store', (_, open) => {
  it('writes a thousand events in order, a hundred at a time', async () => {
    const store = open()
    const queue = queueTo(store)
    for (let i = 0; i < 1_000; i += 1) queue.push(failed({ requestId: `r-${i}` }))
    await queue.close()
    const requests = (await listed(store)).map(({ requestId }) => requestId)
    expect(requests).toEqual(Array.from({ length: 1_000 }, (_item, i) => `r-${999 - i}`))
    expect(commits).toBeLessThanOrEqual(11)
  })
})

describe('the queue of refusals', () => {
  it('writes without being closed', async () => {
    const store = memory()
    const queue = queueTo(store)
    queue.push(failed())
    await expect.poll(async () => (await listed(store)).length).toBe(1)
    await queue.close()
    expect(await listed(store)).toHaveLength(1)
  })

  it('names an account that exists, and leaves out what was typed and is none', async () => {
    const store = memory()
    const holder = { key: usernameKey('Ada_Lovelace'), row: storeHolder('U1') }
    await store.transact([{ kind: 'put', ...holder }], { token: 'holder' })
    const queue = queueTo(store)
    queue.push(failed({ actor: 'ADA_lovelace' }))
    queue.push(failed({ actor: 'my_secret_password' }))
    queue.push(failed({ actor: 'grace_hopper', userId: 'U2' }))
    await queue.close()
    expect(await listed(store)).toMatchObject([
      { actor: 'grace_hopper', userId: 'U2' },
      { actor: undefined, userId: undefined },
      { actor: 'ADA_lovelace', userId: 'U1' },
    ])
    expect(lines.join('')).not.toContain('my_secret_password')
  })

  it('tells how many it had no room for, in one event and a metric', async () => {
    const store = memory()
    const queue = queueTo(store, 3)
    for (let i = 0; i < 10; i += 1) queue.push(failed())
    await queue.close()
    const kinds = (await listed(store)).map(({ kind, detail }) => [kind, detail])
    expect(kinds).toEqual([
      ['events-dropped', '7'],
      ...Array(3).fill(['sign-in-failed', undefined]),
    ])
    expect(await metricOf('security_events_dropped_total')).toContain(' 7')
  })

  it('keeps what cannot be written until it can', async () => {
    const store = memory()
    const queue = queueTo(store)
    faults = [new StoreFault('unavailable', 'The disk is full')]
    queue.push(failed({ requestId: 'r-1' }))
    await expect.poll(() => lines.join('')).toContain('could not be written')
    expect(await listed(store)).toEqual([])
    queue.push(failed({ requestId: 'r-2' }))
    await queue.close()
    expect((await listed(store)).map(({ requestId }) => requestId)).toEqual(['r-2', 'r-1'])
  })
})

describe('what is durable', () => {
  it('is told as a line of its own stream and counted, whoever commits it', async () => {
    const store = memory()
    const when = { at: new Date(nowMs).toISOString(), id: newId() }
    const changed = failed({ kind: 'password-changed', outcome: 'done', userId: 'U1' })
    const other = { kind: 'put', key: usernameKey('ada'), row: storeHolder('U1') } as const
    await store.transact([other, securityEventOp(changed, when)], { token: 't' })
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        ...{ level: 'info', service: 'auth', stream: 'security', msg: 'password-changed' },
        ...{ kind: 'password-changed', outcome: 'done', user_id: 'U1', request_id: 'r-1' },
        ...{ event_id: when.id, at: when.at, address: '203.0.113.7' },
      },
    ])
    expect(await metricOf('security_events_total')).toContain(
      '{kind="password-changed",outcome="done"} 1',
    )
  })

  it('is told only once it is', async () => {
    const store = memory()
    faults = [new StoreFault('condition-failed', 'Somebody was faster')]
    const op = securityEventOp(failed(), { at: new Date(nowMs).toISOString(), id: newId() })
    await expect(store.transact([op], { token: 't' })).rejects.toThrow('faster')
    expect(lines).toEqual([])
  })
})

describe('a listing of security events', () => {
  async function written(count: number, event: (i: number) => SecurityEvent): Promise<Store> {
    const store = memory()
    const queue = queueTo(store)
    for (let i = 0; i < count; i += 1) queue.push(event(i))
    await queue.close()
    return store
  }

  async function pages(store: Store, wanted: Partial<Parameters<typeof listSecurityEvents>[0]>) {
    const found: (readonly string[])[] = []
    let after: string | undefined
    do {
      const all = { day: '2026-03-01', limit: 1000, ...wanted, after }
      const { events, next } = await listSecurityEvents(all, store)
      found.push(events.map(({ requestId }) => requestId))
      after = next
    } while (after !== undefined)
    return found
  }

  it('is the newest first, page by page, without gap or double', async () => {
    const store = await written(25, (i) => failed({ requestId: `r-${i}` }))
    const found = await pages(store, { limit: 10 })
    expect(found.map(({ length }) => length)).toEqual([10, 10, 5])
    expect(found.flat()).toEqual(Array.from({ length: 25 }, (_, i) => `r-${24 - i}`))
  })

  it('ends with a page that is exactly full', async () => {
    const store = await written(20, () => failed())
    expect((await pages(store, { limit: 10 })).map(({ length }) => length)).toEqual([10, 10])
  })

  it.each([
    ['kind', { kind: 'second-factor-failed' }],
    ['user', { userId: 'U3' }],
    ['address', { address: '198.51.100.1' }],
  ] as const)('tells only of the wanted %s', async (_, wanted) => {
    const store = await written(40, (i) => failed(i % 10 === 3 ? { ...wanted } : {}))
    expect(await listed(store, wanted)).toHaveLength(4)
    expect((await pages(store, { ...wanted, limit: 3 })).map(({ length }) => length)).toEqual([
      3, 1,
    ])
  })

  it('reads a bounded number of rows for a page, and goes on where it stopped', async () => {
    const store = await written(7_000, (i) => failed(i === 0 ? { userId: 'U1' } : {}))
    expect((await pages(store, { userId: 'U1' })).map(({ length }) => length)).toEqual([0, 1])
  })

  it('is of one UTC day', async () => {
    const store = await written(2, () => failed())
    nowMs += DAY_MS
    const when = { at: new Date(nowMs).toISOString(), id: newId() }
    await store.transact([securityEventOp(failed(), when)], { token: 'next day' })
    expect(await listed(store)).toHaveLength(2)
    expect(await listed(store, { day: '2026-03-02' })).toHaveLength(1)
    expect(await listed(store, { day: '2026-03-03' })).toHaveLength(0)
  })
})

it('an act of an operator is kept with who, what, whom and how it ended', async () => {
  const store = memory()
  const act = { actor: 'grace', detail: 'setAccountStatus U1', userId: 'U1', requestId: 'op-1' }
  const deadline = nowMs + 5_000
  await recordOperatorAct({ ...act, outcome: 'refused', deadline }, { store, clock, newId })
  expect(await listed(store)).toMatchObject([
    { ...act, kind: 'operator-acted', outcome: 'refused' },
  ])
})

describe('the sweep', () => {
  const days = (count: number) =>
    Array.from({ length: count }, (_, i) => new Date(START + i * DAY_MS).toISOString().slice(0, 10))

  const left = async (store: Store) =>
    Promise.all(days(8).map(async (day) => (await listed(store, { day })).length))

  /** Two events a day, for five days, with a sweep at the beginning. */
  async function fiveDays(): Promise<Store> {
    const store = memory()
    await sweepSecurityLog({ days: 3 }, { store, clock })
    for (const day of days(5)) {
      for (const id of [newId(), newId()]) {
        const op = securityEventOp(failed(), { at: `${day}T10:00:00.000Z`, id })
        await store.transact([op], { token: id })
      }
    }
    return store
  }

  it('takes whole days that are older than they are kept, and no other', async () => {
    const store = await fiveDays()
    nowMs = START + 4 * DAY_MS
    expect(await sweepSecurityLog({ days: 3 }, { store, clock })).toBe(4)
    expect(await left(store)).toEqual([0, 0, 2, 2, 2, 0, 0, 0])
    expect(await sweepSecurityLog({ days: 3 }, { store, clock })).toBe(0)
  })

  it('takes a bounded number at a time, and goes on where it stopped', async () => {
    const store = await fiveDays()
    nowMs = START + 7 * DAY_MS
    expect(await sweepSecurityLog({ days: 3, eventsMax: 3 }, { store, clock })).toBe(4)
    expect(await left(store)).toEqual([0, 0, 2, 2, 2, 0, 0, 0])
    expect(await sweepSecurityLog({ days: 3, eventsMax: 3 }, { store, clock })).toBe(4)
    expect(await sweepSecurityLog({ days: 3, eventsMax: 3 }, { store, clock })).toBe(2)
    expect(await left(store)).toEqual(Array(8).fill(0))
  })

  it('catches up after years without one', async () => {
    const store = await fiveDays()
    nowMs = START + 2_000 * DAY_MS
    expect(await sweepSecurityLog({ days: 3 }, { store, clock })).toBe(10)
  })
})
