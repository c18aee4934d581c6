import { useEffect, useState } from 'react'

const LONGEST_MS = 2_000

/** Whether what was first drawn stands, and there is time for what makes it richer. */
export function useIdle(): boolean {
  const [idle, setIdle] = useState(false)
  useEffect(() => {
    // Not every browser tells.
    if (!('requestIdleCallback' in globalThis)) {
      const timer = setTimeout(() => setIdle(true))
      return () => clearTimeout(timer)
    }
    const asked = requestIdleCallback(() => setIdle(true), { timeout: LONGEST_MS })
    return () => cancelIdleCallback(asked)
  }, [])
  return idle
}
