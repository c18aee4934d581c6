/** The line between two services fails in every way it can: nothing hangs, and no money goes astray. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Scenario, type SpoiltPlatform, startSpoiltPlatform } from './spoilt-lines.ts'

/** Beside how: whether customers are answered all the same, and whether the door leaves the service alone. */
type Expected = Scenario & { readonly answered?: true; readonly opened?: true }

const SCENARIOS: readonly Expected[] = [
  { line: 'door to order', fault: { kind: 'latency', ms: 300 }, answered: true },
  { line: 'door to order', fault: { kind: 'drip', bytes: 40, everyMs: 20 }, answered: true },
  { line: 'door to order', fault: { kind: 'drip', bytes: 1, everyMs: 200 }, opened: true },
  { line: 'door to order', fault: { kind: 'black-hole' }, opened: true },
  { line: 'door to order', fault: { kind: 'half-open' }, opened: true },
  { line: 'door to order', fault: { kind: 'reset' }, opened: true },
  { line: 'door to order', fault: { kind: 'lost-answer' }, opened: true },
  { line: 'door to order', fault: { kind: 'cut', afterBytes: 150 }, opened: true },
  { line: 'door to order', fault: { kind: 'refuse' }, opened: true },
  { line: 'order to inventory', fault: { kind: 'latency', ms: 300 }, answered: true },
  { line: 'order to inventory', fault: { kind: 'black-hole' } },
  { line: 'order to inventory', fault: { kind: 'lost-answer' } },
  { line: 'order to inventory', fault: { kind: 'cut', afterBytes: 150 } },
  { line: 'order to inventory', fault: { kind: 'refuse' } },
]

describe('a spoilt line', { timeout: 120_000 }, () => {
  let spoilt: SpoiltPlatform | undefined
  beforeAll(async () => {
    spoilt = await startSpoiltPlatform()
  })
  afterAll(() => spoilt?.close())

  it.each(SCENARIOS.map((scenario) => [describeScenario(scenario), scenario] as const))(
    '%s: answers come in time and are honest, and all is well within ten seconds',
    async (_, scenario) => {
      const told = await (spoilt as SpoiltPlatform).run(scenario)
      process.stdout.write(`${describeScenario(scenario)}: ${JSON.stringify(told)}\n`)
      if (scenario.answered) expect(told.unknown).toBe(0)
      else expect(told.unknown).toBeGreaterThan(0)
      if (scenario.opened) expect(told.opened).toBe(true)
    },
  )
})

function describeScenario({ line, fault: { kind, ...how } }: Scenario): string {
  return `${line}, ${kind} ${Object.values(how).join(' ')}`.trim()
}
