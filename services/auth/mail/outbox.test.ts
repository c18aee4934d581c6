import { Writable } from 'node:stream'
import { createLog } from '@cnop/kit/log.ts'
import { type Letter, MailFault } from '@cnop/kit/mail/mail.ts'
import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { encodeRow } from '@cnop/kit/store/row-codec.ts'
import { type Op, type Store, StoreFault } from '@cnop/kit/store/store.ts'
import { createTelemetry } from '@cnop/kit/telemetry.ts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dawdling } from '../testing/test-auth.ts'
import { dueLetters, loadLetter } from './letter-rows.ts'
import { createLinkTokens } from './link-tokens.ts'
import { createOutbox } from './outbox.ts'
import { linkLetterOps, noticeOp } from './write-letter.ts'

const START = Date.parse('2026-03-01T12:00:00.000Z')
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const linkTokens = createLinkTokens('a-secret-that-only-tests-would-use')

type Send = (letter: Letter) => Promise<void>

/** A post office: one store, one clock, and as many replicas of the outbox as are opened. */
function postOffice(given: Store = createMemoryStore({ now: () => START })) {
  const time = { nowMs: START }
  const store = { ...given }
  const sent: Letter[] = []
  const logged: string[] = []
  const telemetry = createTelemetry({ processMetrics: false })
  const destination = new Writable({
    write(chunk, _, done) {
      logged.push(String(chunk))
      done()
    },
  })
  let ids = 0
  const newId = () => {
    ids += 1
    return `id${String(ids).padStart(6, '0')}`
  }
  const writing = (address: string) => ({ userId: 'ada', address, nowMs: time.nowMs, newId })
  const write = (ops: readonly Op[]) => store.transact(ops, { token: newId() })
  return {
    store,
    time,
    sent,
    logged,
    notice: (address = 'ada@example.org') =>
      write([noticeOp('password-changed', writing(address))]),
    link: (address = 'ada@example.org') => write(linkLetterOps('reset-password', writing(address))),
    async waiting() {
      const { pk, range } = dueLetters(START + 365 * 24 * HOUR_MS)
      const { rows } = await store.query(pk, { ...range, limit: 1000 })
      return rows.map(loadLetter)
    },
    async outcomes() {
      const metric = telemetry.registry.getSingleMetric('mail_letters_total')
      const { values = [] } = (await metric?.get()) ?? {}
      return Object.fromEntries(values.map(({ labels, value }) => [labels['outcome'], value]))
    },
    open(send: Send = async () => {}) {
      const outbox = createOutbox({
        store,
        mail: {
          async send(letter) {
            sent.push(letter)
            await send(letter)
          },
          close: async () => {},
        },
        clock: { ...systemCommitClock, now: () => time.nowMs },
        linkTokens,
        publicUrl: 'https://trade.example.org',
        log: createLog({ level: 'trace', service: 'auth', destination }),
        telemetry,
      })
      onTestFinished(() => outbox.close())
      return outbox
    },
  }
}

const refuse: Send = async () => {
  throw new MailFault('it is away')
}
const addresses = (letters: readonly Letter[]) => letters.map(({ to }) => to)

describe('the outbox', () => {
  it('sends what waits, the oldest first, and forgets it', async () => {
    const office = postOffice()
    for (let i = 0; i < 3; i += 1) await office.notice(`ada${i}@example.org`)
    office.open()
    await expect.poll(office.waiting).toEqual([])
    expect(addresses(office.sent)).toEqual([
      'ada0@example.org',
      'ada1@example.org',
      'ada2@example.org',
    ])
    expect(await office.outcomes()).toEqual({ sent: 3 })
  })

  it('sends what is written later, once it is told', async () => {
    const office = postOffice()
    const outbox = office.open()
    await office.notice()
    outbox.wake()
    await expect.poll(() => office.sent).toHaveLength(1)
  })

  it('writes the link when it writes the text, and neither store nor log ever has it', async () => {
    const office = postOffice()
    const states: string[] = []
    const { transact } = office.store
    office.store.transact = async (ops, options) => {
      for (const op of ops) if (op.kind === 'put') states.push(encodeRow(op.row))
      await transact(ops, options)
    }
    await office.link()
    office.open(refuse)
    await expect.poll(office.outcomes).toEqual({ failed: 1 })
    await expect.poll(() => office.logged.length).toBeGreaterThan(0)
    const [, token = ''] = office.sent[0]?.text.match(/reset-password#(\S+)/) ?? []
    expect(linkTokens.read(token, 'reset-password')).toMatchObject({ userId: 'ada' })
    const mac = token.split('.').at(-1) ?? 'no mac'
    expect(mac.length).toBeGreaterThan(40)
    expect(states.length).toBeGreaterThan(3)
    for (const text of [...states, ...office.logged]) expect(text).not.toContain(mac)
    expect(office.logged.join('')).not.toContain('ada@example.org')
  })

  it('goes on with the others while one address fails or hangs', async () => {
    const office = postOffice()
    const held = Promise.withResolvers<void>()
    await office.notice('hangs@example.org')
    await office.notice('fails@example.org')
    for (let i = 0; i < 120; i += 1) await office.notice(`ada${i}@example.org`)
    office.open(async ({ to }) => {
      if (to.startsWith('hangs')) await held.promise
      if (to.startsWith('fails')) throw new MailFault('no such mailbox')
    })
    await expect.poll(office.outcomes).toEqual({ sent: 120, failed: 1 })
    expect(new Set(addresses(office.sent)).size).toBe(122)
    held.resolve()
    await expect.poll(office.outcomes).toEqual({ sent: 121, failed: 1 })
  })

  it('hands over a few at a time', async () => {
    const office = postOffice()
    let atOnce = 0
    let most = 0
    for (let i = 0; i < 20; i += 1) await office.notice()
    office.open(async () => {
      atOnce += 1
      most = Math.max(most, atOnce)
      await new Promise((resolve) => setImmediate(resolve))
      atOnce -= 1
    })
    await expect.poll(office.waiting).toEqual([])
    expect(most).toBe(4)
  })

  it('waits longer after each failure, up to an hour, and sends the same letter again', async () => {
    const office = postOffice()
    await office.notice()
    const outbox = office.open(refuse)
    const waitsMs: number[] = []
    for (let attempt = 1; attempt <= 14; attempt += 1) {
      await expect.poll(office.outcomes).toEqual({ failed: attempt })
      await expect.poll(async () => (await office.waiting())[0]?.attempts).toBe(attempt)
      const dueMs = await expect
        .poll(async () => (await office.waiting())[0]?.dueMs ?? 0)
        .not.toBe(office.time.nowMs + 120_000)
        .then(async () => (await office.waiting())[0]?.dueMs ?? 0)
      waitsMs.push(dueMs - office.time.nowMs)
      office.time.nowMs = dueMs - 1
      outbox.wake()
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(office.sent).toHaveLength(attempt)
      office.time.nowMs = dueMs
      outbox.wake()
    }
    for (const [i, waitMs] of waitsMs.entries()) {
      const longestMs = Math.min(HOUR_MS, 2_000 * 2 ** i)
      expect(waitMs).toBeGreaterThanOrEqual(longestMs / 2)
      expect(waitMs).toBeLessThanOrEqual(longestMs)
    }
    expect(new Set(office.sent.map(({ id }) => id)).size).toBe(1)
  })

  it.each([
    ['a notice', 'notice', 24 * HOUR_MS],
    ['a letter whose link is over by then', 'link', 30 * MINUTE_MS],
  ] as const)('gives up %s in time, with a line in the log', async (_, kind, lifeMs) => {
    const office = postOffice()
    await office[kind]()
    const outbox = office.open(refuse)
    await expect.poll(office.outcomes).toMatchObject({ failed: 1 })
    office.time.nowMs = START + lifeMs - 1
    outbox.wake()
    await expect.poll(office.outcomes).toEqual({ failed: 2, 'given-up': 1 })
    expect(await office.waiting()).toEqual([])
    await expect.poll(() => office.logged.join('')).toContain('a letter was given up')
    expect(office.logged.join('')).toContain('it is away')
  })

  it('does not send what nobody sent in its time', async () => {
    const office = postOffice()
    await office.link()
    office.time.nowMs = START + 30 * MINUTE_MS
    office.open()
    await expect.poll(office.outcomes).toEqual({ 'given-up': 1 })
    expect(office.sent).toEqual([])
  })

  it.each([
    ['at once', (store: Store) => store],
    ['slowly', dawdling],
  ])('of several replicas one sends each letter, where the store answers %s', async (_, slow) => {
    const office = postOffice(slow(createMemoryStore({ now: () => START })))
    await Promise.all(Array.from({ length: 40 }, (__, i) => office.notice(`ada${i}@example.org`)))
    for (let replica = 0; replica < 3; replica += 1) office.open()
    await expect.poll(office.waiting, { timeout: 10_000 }).toEqual([])
    expect(addresses(office.sent).sort()).toEqual([...new Set(addresses(office.sent))].sort())
    expect(office.sent).toHaveLength(40)
  })

  it('sends again what a replica took and never finished, under the same id', async () => {
    const office = postOffice()
    const forever = Promise.withResolvers<void>()
    await office.notice()
    office.open(() => forever.promise)
    await expect.poll(() => office.sent).toHaveLength(1)
    const other = office.open()
    office.time.nowMs += 119_999
    other.wake()
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(office.sent).toHaveLength(1)
    office.time.nowMs += 1
    other.wake()
    await expect.poll(office.waiting).toEqual([])
    expect(new Set(office.sent.map(({ id }) => id)).size).toBe(1)
    expect(office.sent).toHaveLength(2)
    forever.resolve()
  })

  it('loses no letter to a store that fails for a while', async () => {
    const office = postOffice()
    await office.notice()
    const { transact } = office.store
    office.store.transact = async () => {
      throw new StoreFault('unavailable', 'The disk is full')
    }
    const outbox = office.open()
    await expect.poll(() => office.logged.join('')).toContain('letters could not be sent')
    expect(office.sent).toEqual([])
    office.store.transact = transact
    outbox.wake()
    await expect.poll(office.waiting).toEqual([])
    expect(office.sent).toHaveLength(1)
  })

  it('closes when what is being sent has come to its end, and takes nothing more', async () => {
    const office = postOffice()
    const held = Promise.withResolvers<void>()
    for (let i = 0; i < 10; i += 1) await office.notice()
    const outbox = office.open(() => held.promise)
    await expect.poll(() => office.sent).toHaveLength(4)
    let closed = false
    const closing = outbox.close().then(() => {
      closed = true
    })
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(closed).toBe(false)
    held.resolve()
    await closing
    outbox.wake()
    expect(office.sent).toHaveLength(4)
    expect(await office.waiting()).toHaveLength(6)
    expect((await office.waiting()).map(({ attempts }) => attempts)).toEqual(Array(6).fill(0))
  })
})
