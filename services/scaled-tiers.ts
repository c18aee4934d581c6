/** What may run several times, twice, and one of the others: the smallest platform that outlives a process. */
import type { ServiceName } from '@cnop/contract/route.ts'

/** Each after those that it calls; ended in the opposite order. */
export const SCALED_TIERS: readonly (readonly ServiceName[])[] = [
  ['inventory', 'inventory', 'auth'],
  ['order', 'order', 'user'],
  ['insights'],
  ['gateway', 'gateway'],
]
