import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { stayConnected } from './stay-connected.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A stream whose every attempt is ended by the test, on a page that can be hidden. */
function setUp() {
  const attempts: {
    readonly live: () => void
    readonly end: () => void
    readonly signal: AbortSignal
  }[] = []
  let hidden = false
  let look: () => void = () => undefined
  const connection = stayConnected({
    open: (live, signal) =>
      new Promise((_, reject) => {
        attempts.push({ live, signal, end: () => reject(new Error('over')) })
      }),
    page: { hidden: () => hidden, onChange: (listener) => (look = listener) },
    chance: () => 1,
  })
  return {
    connection,
    attempts,
    newest: () => attempts.at(-1)!,
    hide(next: boolean) {
      hidden = next
      look()
    },
  }
}

describe('a connection', () => {
  it('is not begun before somebody wants it, and ends with the last who does', () => {
    const { connection, attempts, newest } = setUp()
    expect([connection.state(), attempts.length]).toEqual(['idle', 0])
    const leave = [connection.want(), connection.want()]
    newest().live()
    expect([connection.state(), attempts.length]).toEqual(['live', 1])
    leave[0]!()
    leave[0]!()
    expect(connection.state()).toBe('live')
    leave[1]!()
    expect([connection.state(), newest().signal.aborted]).toEqual(['idle', true])
  })

  it('that breaks is opened again, later each time, and at once shorter after a success', async () => {
    const { connection, attempts, newest } = setUp()
    connection.want()
    for (const [pauseMs, state] of [
      [1_000, 'reconnecting'],
      [2_000, 'reconnecting'],
      [4_000, 'reconnecting'],
      [8_000, 'offline'],
      [16_000, 'offline'],
      [30_000, 'offline'],
      [30_000, 'offline'],
    ] as const) {
      const before = attempts.length
      newest().end()
      await vi.advanceTimersByTimeAsync(pauseMs - 1)
      expect([attempts.length, connection.state()]).toEqual([before, state])
      await vi.advanceTimersByTimeAsync(1)
      expect(attempts.length).toBe(before + 1)
    }
    newest().live()
    expect(connection.state()).toBe('live')
    const before = attempts.length
    newest().end()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(attempts.length).toBe(before + 1)
  })

  it('is let go after a minute that nobody could see it, and taken up when seen', async () => {
    const { connection, attempts, newest, hide } = setUp()
    connection.want()
    newest().live()
    hide(true)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(connection.state()).toBe('live')
    await vi.advanceTimersByTimeAsync(1)
    expect([connection.state(), newest().signal.aborted]).toEqual(['idle', true])
    hide(false)
    expect([connection.state(), attempts.length]).toEqual(['connecting', 2])
  })

  it('that was hidden for a moment stays as it is', async () => {
    const { connection, attempts, newest, hide } = setUp()
    connection.want()
    newest().live()
    hide(true)
    await vi.advanceTimersByTimeAsync(30_000)
    hide(false)
    await vi.advanceTimersByTimeAsync(120_000)
    expect([connection.state(), attempts.length]).toEqual(['live', 1])
  })

  it('does not wait for its turn when the network or the reader comes back', async () => {
    const { connection, attempts, newest, hide } = setUp()
    connection.want()
    newest().end()
    await vi.advanceTimersByTimeAsync(1)
    hide(false)
    expect([attempts.length, connection.state()]).toEqual([2, 'connecting'])
  })

  it('takes no word of an attempt it has given up', async () => {
    const { connection, attempts, newest } = setUp()
    connection.want()
    const [first] = attempts
    connection.restart()
    first!.live()
    first!.end()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([connection.state(), attempts.length]).toEqual(['connecting', 2])
    newest().live()
    expect(connection.state()).toBe('live')
  })
})
