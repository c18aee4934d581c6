import { createLog } from '@cnop/kit/log.ts'
import { describe, expect, it } from 'vitest'
import { keepSigningKeys } from './keep-signing-keys.ts'

function logInto(lines: Record<string, unknown>[]) {
  const write = (line: string): void => void lines.push(JSON.parse(line))
  const destination = { write } as unknown as NodeJS.WritableStream
  return createLog({ level: 'info', service: 'auth', destination })
}

describe('keeping the signing keys', () => {
  it('looks after them again and again until it is closed', async () => {
    let looks = 0
    const keys = {
      async tend() {
        looks += 1
      },
    }
    const { close } = keepSigningKeys(keys, { log: logInto([]), periodMs: 2 })
    await expect.poll(() => looks).toBeGreaterThanOrEqual(3)
    await close()
    const then = looks
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(looks).toBe(then)
  })

  it('goes on after a store that did not answer, and says so in the log', async () => {
    let looks = 0
    const lines: Record<string, unknown>[] = []
    const keys = {
      async tend() {
        looks += 1
        if (looks < 3) throw new Error('no store')
      },
    }
    const { close } = keepSigningKeys(keys, { log: logInto(lines), periodMs: 2 })
    await expect.poll(() => looks).toBeGreaterThanOrEqual(4)
    await close()
    const message = 'the signing keys could not be read'
    expect(lines.map(({ msg }) => msg)).toEqual([message, message])
  })

  it('is closed at once while it waits, and only after a look that is under way', async () => {
    const gate = Promise.withResolvers<void>()
    let done = false
    const looking = Promise.withResolvers<void>()
    const keys = {
      async tend() {
        looking.resolve()
        await gate.promise
        done = true
      },
    }
    await keepSigningKeys(keys, { log: logInto([]), periodMs: 60_000 }).close()
    expect(done).toBe(false)
    const { close } = keepSigningKeys(keys, { log: logInto([]), periodMs: 1 })
    await looking.promise
    const closed = close()
    gate.resolve()
    await closed
    expect(done).toBe(true)
  })
})
