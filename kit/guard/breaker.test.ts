import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Breaker,
  type BreakerRules,
  CLOSED,
  enlivened,
  type Outcome,
  openForMs,
  passed,
  settled,
} from './breaker.ts'

const rules: BreakerRules = { failuresMax: 5, openMs: 60_000, successesMin: 3 }

type Step =
  | { readonly asks: Outcome }
  /** Asked, and nothing answered yet. */
  | { readonly asks: 'pending' }
  | { readonly afterMs: number }
  | { readonly alive: true }

const failed: Step = { asks: 'failed' }
const answered: Step = { asks: 'answered' }
const left: Step = { asks: 'left' }
const pending: Step = { asks: 'pending' }
const alive: Step = { alive: true }
const waits = (afterMs: number): Step => ({ afterMs })
const times = (count: number, step: Step): Step[] => Array<Step>(count).fill(step)

type Happening =
  | { readonly kind: 'ask' }
  | { readonly kind: 'settle'; readonly which: number; readonly outcome: Outcome }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'alive' }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'ask' } as const) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      which: fc.nat(5),
      outcome: fc.constantFrom<Outcome>('answered', 'failed', 'failed', 'left'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(90_000) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'alive' } as const) },
)

/** What happened in which order, in a world of requests that end in any order. */
class World {
  breaker = CLOSED
  nowMs = 1_000_000
  underWay: number[] = []

  happens(event: Happening): void {
    if (event.kind === 'wait') this.nowMs += event.ms
    else if (event.kind === 'alive') this.breaker = enlivened(this.breaker, this.nowMs)
    else if (event.kind === 'ask') this.asks()
    else this.ends(event)
  }

  /** Whether it passed. */
  asks(): boolean {
    const next = passed(this.breaker, this.nowMs, rules)
    if (next === undefined) return false
    this.breaker = next
    this.underWay.push(next.era)
    return true
  }

  ends({ which, outcome }: { which: number; outcome: Outcome }): void {
    const [era] = this.underWay.splice(which, 1)
    if (era === undefined) return
    this.breaker = settled(this.breaker, { era, outcome, nowMs: this.nowMs }, rules)
  }

  /** What is so at any moment. */
  holds(): void {
    const { state, probing, count, era } = this.breaker
    const probes = this.underWay.filter((one) => one === era).length
    if (state !== 'closed') expect(probes).toBe(probing ? 1 : 0)
    if (state !== 'half-open') expect(probing).toBe(false)
    expect(count).toBeLessThan(state === 'half-open' ? rules.successesMin : rules.failuresMax)
  }

  settleAll(outcome: Outcome): void {
    while (this.underWay.length > 0) this.ends({ which: 0, outcome })
  }

  /** So many requests, one after the other, each let pass. */
  answers(requests: number, outcome: Outcome): void {
    for (let i = 0; i < requests; i += 1) {
      this.asks()
      expect(this.underWay).toHaveLength(1)
      this.settleAll(outcome)
    }
  }
}

function letterOf(world: World, asks: Outcome | 'pending'): string {
  if (!world.asks()) return 'x'
  if (asks !== 'pending') world.settleAll(asks)
  return asks.charAt(0)
}

/** The breaker after these steps, and which requests passed: a letter each, `x` for one that did not. */
function run(steps: readonly Step[]): { breaker: Breaker; passes: string } {
  const world = new World()
  let passes = ''
  for (const step of steps) {
    if ('afterMs' in step) world.nowMs += step.afterMs
    else if ('alive' in step) world.breaker = enlivened(world.breaker, world.nowMs)
    else passes += letterOf(world, step.asks)
  }
  return { breaker: world.breaker, passes }
}

describe('a breaker', () => {
  const opened = times(5, failed)
  const halfOpened = [...opened, waits(60_000)]
  const twiceFailed = [alive, failed, waits(1_000), alive, failed]

  test.each<[string, string, readonly Step[]]>([
    ['closed', '', []],
    ['closed', 'ffff', times(4, failed)],
    ['open', 'fffff', times(5, failed)],
    ['open', 'fffffxx', [...opened, answered, answered]],
    ['closed', 'ffffaffff', [...times(4, failed), answered, ...times(4, failed)]],
    ['open', 'fffflf', [...times(4, failed), left, failed]],
    ['open', 'fffffx', [...opened, waits(59_999), answered]],
    ['half-open', 'fffffa', [...halfOpened, answered]],
    ['half-open', 'fffffaa', [...halfOpened, answered, answered]],
    ['closed', 'fffffaaa', [...halfOpened, ...times(3, answered)]],
    ['closed', 'fffffaaaffff', [...halfOpened, ...times(3, answered), ...times(4, failed)]],
    ['open', 'fffffaafx', [...halfOpened, answered, answered, failed, answered]],
    ['half-open', 'fffffpxx', [...halfOpened, pending, answered, answered]],
    ['half-open', 'fffffla', [...halfOpened, left, answered]],
    ['half-open', 'fffffa', [...opened, alive, answered]],
    ['open', 'ffffffx', [...opened, alive, failed, alive, answered]],
    ['open', 'ffffffx', [...opened, alive, failed, waits(59_999), answered]],
    ['open', 'ffffffx', [...opened, alive, failed, waits(999), alive, answered]],
    ['half-open', 'ffffffa', [...opened, alive, failed, waits(1_000), alive, answered]],
    ['open', 'fffffffx', [...opened, ...twiceFailed, waits(1_999), alive, answered]],
    ['half-open', 'fffffffa', [...opened, ...twiceFailed, waits(2_000), alive, answered]],
    ['half-open', 'ffffffa', [...opened, alive, failed, waits(60_000), answered]],
    ['closed', 'f', [failed, alive]],
  ])('is %s, having let pass %s', (state, passes, steps) => {
    const { breaker, passes: seen } = run(steps)
    expect([breaker.state, seen]).toEqual([state, passes])
  })

  test('learns nothing from what was asked before its state changed', () => {
    const { breaker: opening } = run(opened)
    const late = { era: CLOSED.era, nowMs: 0 }
    expect(settled(opening, { ...late, outcome: 'answered' }, rules)).toBe(opening)
    const half = passed(run(halfOpened).breaker, 2_000_000, rules)
    if (half === undefined) throw new Error('Nothing passed.')
    for (const outcome of ['answered', 'failed', 'left'] as const)
      expect(settled(half, { ...late, outcome }, rules)).toBe(half)
  })

  test('whose clock is set back waits no longer than it would have', () => {
    const { breaker } = run(opened)
    expect(openForMs(breaker, breaker.openedAtMs - 3_600_000, rules)).toBe(0)
    expect(openForMs(breaker, breaker.openedAtMs + 1, rules)).toBe(59_999)
  })

  test('lets one request try at a time, and never waits for nothing', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 80 }), (events) => {
        const world = new World()
        for (const event of events) {
          world.happens(event)
          world.holds()
        }
        world.settleAll('answered')
        world.nowMs += rules.openMs
        world.answers(rules.successesMin, 'answered')
        expect(world.breaker.state).toBe('closed')
      }),
      { numRuns: 500 },
    )
  })

  test('is open after so many failures in a row, whatever was before', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), (events) => {
        const world = new World()
        for (const event of events) world.happens(event)
        world.settleAll('left')
        world.nowMs += rules.openMs
        if (world.breaker.state === 'closed') world.answers(1, 'answered')
        const failures = world.breaker.state === 'closed' ? rules.failuresMax : 1
        world.answers(failures, 'failed')
        expect(world.breaker.state).toBe('open')
      }),
    )
  })
})
