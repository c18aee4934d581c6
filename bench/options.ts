import type { Row } from './measure.ts'

export type BenchOptions = {
  readonly rounds: number
  readonly seconds: number
  /** How long a past the growth is measured after. */
  readonly pastOrders: number
}

/** What cannot be measured here is said, not left out. */
export const notRun = (id: string, work: string, why: string): Row => ({
  id,
  work,
  product: 'not run',
  baseline: why,
  ratio: undefined,
  toReach: '',
  reached: undefined,
})
