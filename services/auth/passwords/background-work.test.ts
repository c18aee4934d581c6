import { Writable } from 'node:stream'
import { createLog } from '@cnop/kit/log.ts'
import { expect, it } from 'vitest'
import { createBackgroundWork } from './background-work.ts'

function logTo(lines: string[]) {
  const destination = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    },
  })
  return createLog({ level: 'trace', service: 'auth', destination })
}

it('begins when the answer is out, and does one thing after the other', async () => {
  const background = createBackgroundWork({ log: logTo([]) })
  const done: string[] = []
  const askedAtMs = performance.now()
  let beganAtMs = 0
  const held = Promise.withResolvers<void>()
  background.add(async () => {
    beganAtMs = performance.now()
    done.push('first begins')
    await held.promise
    done.push('first ends')
  })
  background.add(async () => void done.push('second'))
  await expect.poll(() => done).toEqual(['first begins'])
  // A timer may be a millisecond early.
  expect(beganAtMs - askedAtMs).toBeGreaterThanOrEqual(99)
  held.resolve()
  await background.close()
  expect(done).toEqual(['first begins', 'first ends', 'second'])
})

it('refuses what there is no room for, and has room again afterwards', async () => {
  const background = createBackgroundWork({ log: logTo([]), waitingMax: 2 })
  let done = 0
  const work = async () => {
    done += 1
  }
  background.add(work)
  background.add(work)
  expect(() => background.add(work)).toThrow(
    expect.objectContaining({ code: 'too-busy', retryAfterSeconds: 5 }),
  )
  await expect.poll(() => done).toBe(2)
  background.add(work)
  await background.close()
  expect(done).toBe(3)
  expect(() => background.add(work)).toThrow(expect.objectContaining({ code: 'too-busy' }))
})

it('goes on after work that fails, which is told to the log', async () => {
  const lines: string[] = []
  const background = createBackgroundWork({ log: logTo(lines) })
  let done = false
  background.add(() => Promise.reject(new Error('broken')))
  background.add(async () => {
    done = true
  })
  await background.close()
  expect(done).toBe(true)
  await expect.poll(() => lines.join('')).toContain('broken')
})
