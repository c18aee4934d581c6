/**
 * Who is signed in here. The access token lives in memory only; the refresh cookie, which no script
 * can read, brings the next one. One renewal at a time: in this tab always, and over all tabs where
 * the browser has locks, which on plain http it has not. There the server's grace carries two
 * renewals that meet.
 */
import type { AnswerOf } from '@cnop/contract/route.ts'
import type { refresh } from '@cnop/contract/session.ts'

type AccessToken = AnswerOf<typeof refresh>

export type SessionState = 'unknown' | 'signed-out' | 'signed-in'

/** `began` with another customer than before means that everything known of the last one is void. */
export type SessionChange = 'began' | 'renewed' | 'ended'

type Held = { readonly token: string; readonly untilMs: number }

/** What tabs tell each other. */
type Word = { readonly say: 'began' | 'renewed'; readonly held: Held } | { readonly say: 'ended' }

export type SessionParts = {
  /** Asks for a new token; `undefined` where the session is over. Throws where nobody knows. */
  readonly renew: () => Promise<AccessToken | undefined>
  readonly now: () => number
  /** Remembers that there was a session, so that a stranger's first page asks for none. */
  readonly hint: { read(): boolean; write(present: boolean): void }
  /** Runs the work while no other tab runs its own. */
  readonly alone: (work: () => Promise<string | undefined>) => Promise<string | undefined>
  readonly channel: Pick<BroadcastChannel, 'postMessage' | 'onmessage'> | undefined
}

/** A token is renewed before it ends, so that no request is on its way when it does. */
const EARLY_MS = 20_000

export type Session = {
  state(): SessionState
  /** A token that is good now; `undefined` where nobody is signed in. */
  token(): Promise<string | undefined>
  /** Another token than this one, which was refused. */
  tokenAfter(refused: string): Promise<string | undefined>
  begin(answer: AccessToken): void
  end(): void
  onChange(listener: (change: SessionChange) => void): () => void
}

export function createSession(parts: SessionParts): Session {
  const { renew, now, hint, alone, channel } = parts
  const listeners = new Set<(change: SessionChange) => void>()
  let held: Held | undefined
  let state: SessionState = hint.read() ? 'unknown' : 'signed-out'
  let renewing: Promise<string | undefined> | undefined

  const tell = (change: SessionChange): void => {
    for (const listener of listeners) listener(change)
  }
  const hold = (next: Held, change: 'began' | 'renewed'): void => {
    held = next
    state = 'signed-in'
    tell(change)
  }
  const drop = (): void => {
    held = undefined
    state = 'signed-out'
    tell('ended')
  }
  const say = (word: Word): void => channel?.postMessage(word)
  const heldFrom = ({ access_token, expires_in }: AccessToken): Held => ({
    token: access_token,
    untilMs: now() + expires_in * 1000,
  })
  /** The token in hand, where it is good for a while yet. */
  const goodToken = (): string | undefined =>
    held !== undefined && held.untilMs - EARLY_MS > now() ? held.token : undefined

  function end(): void {
    hint.write(false)
    say({ say: 'ended' })
    drop()
  }

  async function renewOnce(refused: string | undefined): Promise<string | undefined> {
    // While this tab waited for its turn another may have renewed, or signed out.
    const good = goodToken()
    if (good !== undefined && good !== refused) return good
    if (state === 'signed-out') return undefined
    const answer = await renew()
    if (answer === undefined) {
      end()
      return undefined
    }
    const next = heldFrom(answer)
    say({ say: 'renewed', held: next })
    hold(next, 'renewed')
    return next.token
  }

  function renewal(refused: string | undefined): Promise<string | undefined> {
    renewing ??= alone(() => renewOnce(refused)).finally(() => {
      renewing = undefined
    })
    return renewing
  }

  if (channel !== undefined) {
    channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data.say === 'ended') drop()
      else hold(data.held, data.say)
    }
  }

  return {
    state: () => state,
    async token() {
      const good = goodToken()
      return good !== undefined || state === 'signed-out' ? good : renewal(held?.token)
    },
    async tokenAfter(refused) {
      const good = goodToken()
      return good !== undefined && good !== refused ? good : renewal(refused)
    },
    begin(answer) {
      const next = heldFrom(answer)
      hint.write(true)
      say({ say: 'began', held: next })
      hold(next, 'began')
    },
    end,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
