/**
 * Commands of one account wait for each other in this process instead of racing in the store:
 * those that came while one was being committed go next, as one group. Only a speed-up; two
 * processes still race, and the store's conditions decide.
 */
import { Problem } from '@cnop/contract/problem.ts'

export type CommandQueue<Item, Ending> = {
  /** Throws `too-busy` when too many of the account are waiting. */
  submit(userId: string, item: Item): Promise<Ending>
}

type Waiting<Item, Ending> = {
  readonly item: Item
  readonly resolve: (ending: Ending) => void
  readonly reject: (thrown: unknown) => void
}

export function createCommandQueue<Item, Ending>({
  run,
  groupMax,
  waitingMax,
}: {
  /** Ends every item of a group, in order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Ending[]>
  readonly groupMax: number
  /** Of one account. */
  readonly waitingMax: number
}): CommandQueue<Item, Ending> {
  const lanes = new Map<string, Waiting<Item, Ending>[]>()

  return {
    async submit(userId, item) {
      const lane = lanes.get(userId) ?? []
      if (lane.length >= waitingMax) throw new Problem('too-busy', { retryAfterSeconds: 1 })
      const ending = new Promise<Ending>((resolve, reject) => {
        lane.push({ item, resolve, reject })
      })
      if (!lanes.has(userId)) {
        lanes.set(userId, lane)
        void drain(userId, lane)
      }
      return ending
    },
  }

  async function drain(userId: string, lane: Waiting<Item, Ending>[]): Promise<void> {
    while (lane.length > 0) await runGroup(lane.splice(0, groupMax))
    lanes.delete(userId)
  }

  async function runGroup(group: readonly Waiting<Item, Ending>[]): Promise<void> {
    try {
      const endings = await run(group.map(({ item }) => item))
      for (const [index, { resolve, reject }] of group.entries()) {
        const ending = endings[index]
        if (ending === undefined) reject(new RangeError('A command of a group has no ending'))
        else resolve(ending)
      }
    } catch (thrown) {
      for (const { reject } of group) reject(thrown)
    }
  }
}
