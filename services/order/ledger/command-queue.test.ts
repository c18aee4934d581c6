import { expect, it } from 'vitest'
import { createCommandQueue } from './command-queue.ts'

/** Ends groups when the test says so, and remembers what was in them. */
function createGate() {
  const groups: string[][] = []
  const open: (() => void)[] = []
  return {
    groups,
    release: async () => {
      open.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    },
    run: async (items: readonly string[]) => {
      groups.push([...items])
      await new Promise<void>((resolve) => open.push(resolve))
      return items.map((item) => `${item} done`)
    },
  }
}

it('the first command goes at once, those that come meanwhile go together, in order', async () => {
  const gate = createGate()
  const queue = createCommandQueue({ run: gate.run, groupMax: 16, waitingMax: 64 })
  const endings = ['a', 'b', 'c'].map((item) => queue.submit('alice', item))
  await gate.release()
  await gate.release()
  expect(await Promise.all(endings)).toEqual(['a done', 'b done', 'c done'])
  expect(gate.groups).toEqual([['a'], ['b', 'c']])
})

it('a group is no longer than its limit', async () => {
  const gate = createGate()
  const queue = createCommandQueue({ run: gate.run, groupMax: 2, waitingMax: 64 })
  const endings = ['a', 'b', 'c', 'd', 'e', 'f'].map((item) => queue.submit('alice', item))
  for (let round = 0; round < 4; round += 1) await gate.release()
  await Promise.all(endings)
  expect(gate.groups).toEqual([['a'], ['b', 'c'], ['d', 'e'], ['f']])
})

it('one customer never waits for another', async () => {
  const gate = createGate()
  const queue = createCommandQueue({ run: gate.run, groupMax: 16, waitingMax: 64 })
  const endings = [queue.submit('alice', 'a'), queue.submit('bob', 'b')]
  await new Promise((resolve) => setImmediate(resolve))
  expect(gate.groups).toEqual([['a'], ['b']])
  await gate.release()
  await gate.release()
  await Promise.all(endings)
})

it('what waits is bounded: the next command is refused and those before it are served', async () => {
  const gate = createGate()
  const queue = createCommandQueue({ run: gate.run, groupMax: 16, waitingMax: 2 })
  const endings = ['a', 'b', 'c'].map((item) => queue.submit('alice', item))
  await expect(queue.submit('alice', 'd')).rejects.toMatchObject({ code: 'too-busy', status: 429 })
  await gate.release()
  await gate.release()
  expect(await Promise.all(endings)).toEqual(['a done', 'b done', 'c done'])
})

it('a group that fails fails its own commands, and the queue goes on', async () => {
  let runs = 0
  const queue = createCommandQueue<string, string>({
    run: async (items) => {
      runs += 1
      if (runs === 1) throw new Error('broken')
      return items.map((item) => `${item} done`)
    },
    groupMax: 1,
    waitingMax: 64,
  })
  const first = queue.submit('alice', 'a')
  const second = queue.submit('alice', 'b')
  await expect(first).rejects.toThrow('broken')
  expect(await second).toBe('b done')
})

it('a group that loses an ending says so instead of leaving its command waiting', async () => {
  const queue = createCommandQueue<string, string>({
    run: async () => [],
    groupMax: 16,
    waitingMax: 64,
  })
  await expect(queue.submit('alice', 'a')).rejects.toThrow(RangeError)
})
