import { systemCommitClock } from '@cnop/kit/store/commit-decision.ts'
import { createDawdlingStore } from '@cnop/kit/store/dawdling-store.ts'
import { createMemoryStore } from '@cnop/kit/store/memory-store.ts'
import { describe, expect, it } from 'vitest'
import { loadSigningKey } from './signing-key.ts'

const clock = systemCommitClock

describe('the signing key', () => {
  it('is made once, also when several replicas start for the first time at once', async () => {
    const kept = createMemoryStore({ now: clock.now })
    const store = createDawdlingStore({
      store: kept,
      chance: clock.random,
      pause: clock.pause,
      pauseMsMax: 5,
    })
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadSigningKey(store, clock)))
    expect(new Set(keys.map(({ publicKey }) => publicKey.x)).size).toBe(1)
    expect((await loadSigningKey(kept, clock)).publicKey).toEqual(keys[0]?.publicKey)
  })

  it('publishes nothing of its private part, and keeps that from being read out again', async () => {
    const { publicKey, privateKey } = await loadSigningKey(
      createMemoryStore({ now: clock.now }),
      clock,
    )
    expect(Object.keys(publicKey).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    expect(privateKey.extractable).toBe(false)
  })

  it('is a new one for every platform', async () => {
    const newPlatform = () => loadSigningKey(createMemoryStore({ now: clock.now }), clock)
    const [one, other] = await Promise.all([newPlatform(), newPlatform()])
    expect(one?.publicKey.x).not.toBe(other?.publicKey.x)
  })
})
