import { Problem } from '@cnop/contract/problem.ts'
import { describe, expect, it } from 'vitest'
import { createWorkQueue } from './work-queue.ts'

/** Work that ends when told. */
function heldWork() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const work = { started: false, end: resolve, fail: reject, run: () => start() }
  function start(): Promise<string> {
    work.started = true
    return promise
  }
  return work
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the work queue', () => {
  it('never runs more at a time than it may, and runs the rest in order', async () => {
    const queue = createWorkQueue({ runningMax: 2, waitingMax: 10 })
    const works = Array.from({ length: 5 }, heldWork)
    const answers = works.map((work) => queue(work.run))
    const started = () => works.map((work) => work.started)
    await turn()
    expect(started()).toEqual([true, true, false, false, false])
    works[1]?.end('second')
    await turn()
    expect(started()).toEqual([true, true, true, false, false])
    for (const work of works) work.end('done')
    expect(await Promise.all(answers)).toEqual(['done', 'second', 'done', 'done', 'done'])
  })

  it('refuses what is more than it lets wait, and says when to come again', async () => {
    const queue = createWorkQueue({ runningMax: 1, waitingMax: 1 })
    const works = Array.from({ length: 3 }, heldWork)
    const [first, second, third] = works.map((work) => queue(work.run))
    const refusal = await third?.catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(Problem)
    expect(refusal).toMatchObject({ code: 'too-busy', retryAfterSeconds: 2 })
    for (const work of works) work.end('done')
    expect(await Promise.all([first, second])).toEqual(['done', 'done'])
    expect(works[2]?.started).toBe(false)
  })

  it('goes on after work that fails', async () => {
    const queue = createWorkQueue({ runningMax: 1, waitingMax: 1 })
    const failing = heldWork()
    const answers = [queue(failing.run), queue(async () => 'next')]
    failing.fail(new Error('broken'))
    expect(await Promise.allSettled(answers)).toMatchObject([
      { status: 'rejected' },
      { status: 'fulfilled', value: 'next' },
    ])
    expect(await queue(async () => 'later')).toBe('later')
  })
})
