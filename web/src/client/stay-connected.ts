/**
 * Keeps one stream open as long as somebody looks: connects, waits longer after each failure, lets
 * go while the page has been hidden for a minute, and connects at once when it is seen again.
 */
export type ConnectionState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'offline'

export type Connection = {
  state(): ConnectionState
  onChange(listener: () => void): () => void
  /** Wanted until the returned function is called. */
  want(): () => void
  /** Lets go and connects again: what it was opened with is no longer true. */
  restart(): void
}

export type ConnectionParts = {
  /** Opens the stream and settles when it is over. Calls `live` once it hears something. */
  readonly open: (live: () => void, signal: AbortSignal) => Promise<void>
  /** Whether anybody can see the page; the listener is called when that, or the network, changes. */
  readonly page: { hidden(): boolean; onChange(listener: () => void): void }
  /** From 0 to 1: spreads the attempts of many pages after an outage. */
  readonly chance: () => number
}

const HIDDEN_MS_MAX = 60_000
const PAUSE_MS = { first: 1_000, max: 30_000 }
const FAILURES_SHOWN_AS_OFFLINE = 4

export function stayConnected({ open, page, chance }: ConnectionParts): Connection {
  const listeners = new Set<() => void>()
  let wanted = 0
  let state: ConnectionState = 'idle'
  let failures = 0
  let current: AbortController | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let hiding: ReturnType<typeof setTimeout> | undefined

  const become = (next: ConnectionState): void => {
    if (next === state) return
    state = next
    for (const listener of listeners) listener()
  }
  const broken = (): ConnectionState =>
    failures < FAILURES_SHOWN_AS_OFFLINE ? 'reconnecting' : 'offline'

  function connect(): void {
    clearTimeout(retry)
    const attempt = new AbortController()
    current = attempt
    become(failures === 0 ? 'connecting' : broken())
    const live = (): void => {
      if (attempt.signal.aborted) return
      failures = 0
      become('live')
    }
    const over = (): void => {
      if (attempt.signal.aborted) return
      failures += 1
      become(broken())
      const longestMs = Math.min(PAUSE_MS.max, PAUSE_MS.first * 2 ** (failures - 1))
      retry = setTimeout(connect, longestMs * (0.5 + chance() / 2))
    }
    open(live, attempt.signal).then(over, over)
  }

  function letGo(): void {
    clearTimeout(retry)
    current?.abort()
    failures = 0
    become('idle')
  }

  function restart(): void {
    if (wanted === 0) return
    letGo()
    connect()
  }

  page.onChange(() => {
    clearTimeout(hiding)
    if (page.hidden()) hiding = setTimeout(letGo, HIDDEN_MS_MAX)
    else if (state !== 'live' && state !== 'connecting') restart()
  })

  return {
    state: () => state,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    want() {
      wanted += 1
      if (wanted === 1) connect()
      let left = false
      return () => {
        if (left) return
        left = true
        wanted -= 1
        if (wanted === 0) letGo()
      }
    },
    restart,
  }
}
