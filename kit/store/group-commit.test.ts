import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type CommitFigures, createGroupCommit } from './group-commit.ts'
import { StoreFault } from './store.ts'

function record(faultOf: (command: number) => StoreFault | undefined = () => undefined) {
  const groups: (readonly number[])[] = []
  const figures: CommitFigures[] = []
  const group = createGroupCommit<number>({
    commit: (commands) => {
      groups.push(commands)
      return commands.map(faultOf)
    },
    onCommit: (figure) => figures.push(figure),
  })
  return { group, groups, figures }
}

test('commands of one turn share one commit, in the order they came', async () => {
  const { group, groups } = record()
  await Promise.all([1, 2, 3].map((command) => group.submit(command)))
  expect(groups).toStrictEqual([[1, 2, 3]])
})

test('nothing settles before its commit', async () => {
  const { group, groups } = record()
  const settledAfter = group.submit(1).then(() => groups.length)
  expect(groups).toStrictEqual([])
  expect(await settledAfter).toBe(1)
})

test('commands of a later turn have a commit of their own', async () => {
  const { group, groups } = record()
  await group.submit(1)
  await group.submit(2)
  expect(groups).toStrictEqual([[1], [2]])
})

test('each command hears its own fault', async () => {
  const fault = new StoreFault('condition-failed', 'no', { failed: [0] })
  const { group, figures } = record((command) => (command === 2 ? fault : undefined))
  const settled = await Promise.allSettled([1, 2, 3].map((command) => group.submit(command)))
  expect(settled.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(settled[1]).toMatchObject({ reason: fault })
  expect(figures).toMatchObject([{ transactions: 3, refused: 1 }])
})

test('a crowd is committed in bounded groups, with other work between them', async () => {
  const { group, groups } = record()
  const crowd = Promise.all(Array.from({ length: 600 }, (_, command) => group.submit(command)))
  await nextTurn()
  expect(groups.map((commands) => commands.length)).toStrictEqual([256])
  await crowd
  expect(groups.map((commands) => commands.length)).toStrictEqual([256, 256, 88])
  expect(groups.flat()).toStrictEqual(Array.from({ length: 600 }, (_, command) => command))
})

test('finishing commits at once what waits, and its turn finds nothing more', async () => {
  const { group, groups } = record()
  const waiting = group.submit(1)
  group.finish()
  expect(groups).toStrictEqual([[1]])
  await waiting
  await nextTurn()
  expect(groups).toStrictEqual([[1]])
})
