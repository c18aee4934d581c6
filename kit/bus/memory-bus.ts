import type { Bus } from './bus.ts'

/** Delivers within this process, at once, in the order of publishing. */
export function createMemoryBus(onListenerError: (error: unknown) => void): Bus {
  const channels = new Map<string, Set<(message: string) => void>>()
  return {
    publish(channel, message) {
      for (const hear of channels.get(channel) ?? []) {
        try {
          hear(message)
        } catch (error) {
          onListenerError(error)
        }
      }
    },
    subscribe(channel, hear) {
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners)
      const own = (message: string): void => hear(message)
      listeners.add(own)
      return () => {
        listeners.delete(own)
        if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel)
      }
    },
    async close() {
      channels.clear()
    },
  }
}
