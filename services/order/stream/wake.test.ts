import { expect, test } from 'vitest'
import { createWake } from './wake.ts'

const LONG_MS = 60_000

test('a hint ends the sleep', async () => {
  const wake = createWake()
  const sleeping = wake.sleep(LONG_MS)
  wake.hint()
  await sleeping
})

test('a hint that came before the sleep keeps it from beginning, once', async () => {
  const wake = createWake()
  wake.hint()
  wake.hint()
  await wake.sleep(LONG_MS)
  const startedAt = performance.now()
  await wake.sleep(30)
  expect(performance.now() - startedAt).toBeGreaterThan(20)
})

test('without a hint the sleep ends by itself', async () => {
  await createWake().sleep(1)
})
