import { describeBus } from './bus-conformance.ts'
import { createMemoryBus } from './memory-bus.ts'

describeBus('memory', async () => {
  const failures: unknown[] = []
  const bus = createMemoryBus((error) => failures.push(error))
  return { speaker: bus, listener: bus, failures }
})
