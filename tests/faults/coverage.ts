/** What a programme has met: a generator that no longer reaches it proves nothing. */

/** How often each thing was met. */
export type Reached = ReadonlyMap<string, number>

export function addTo(sum: Map<string, number>, more: Reached): void {
  for (const [what, times] of more) sum.set(what, (sum.get(what) ?? 0) + times)
}

/** What was met less often than it must be, a sentence each. */
export function tooRare(reached: Reached, atLeast: Readonly<Record<string, number>>): string[] {
  return Object.entries(atLeast).flatMap(([what, least]) => {
    const times = reached.get(what) ?? 0
    return times < least ? [`${what}: ${times} times, at least ${least}`] : []
  })
}

export const described = (reached: Reached): string =>
  [...reached]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([what, times]) => `${what}: ${times}`)
    .join('\n')
