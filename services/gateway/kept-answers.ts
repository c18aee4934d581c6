/**
 * Public answers, kept at the door for as long as they say they are true: asked once, made into
 * bytes once, and given to everyone. What belongs to a customer never comes here.
 */
import type { WireAnswer } from '@cnop/contract/call.ts'

export type KeptAnswer = Omit<WireAnswer, 'body'> & { readonly body: Buffer }

export type KeptAnswers = {
  /** The answer kept for this target, or the one `ask` brings; callers at once share one that is no refusal. */
  answerTo(target: string, ask: () => Promise<WireAnswer>): Promise<KeptAnswer>
}

const BYTES_MAX = 16 * 1024 * 1024
const SECONDS_MAX = 60

type Kept = { readonly answer: KeptAnswer; readonly untilMs: number }

export function createKeptAnswers(options: {
  readonly now: () => number
  readonly bytesMax?: number
}): KeptAnswers {
  const { now, bytesMax = BYTES_MAX } = options
  /** In the order of keeping, so the first is the oldest. */
  const kept = new Map<string, Kept>()
  const asking = new Map<string, Promise<KeptAnswer>>()
  let bytes = 0

  const drop = (target: string): void => {
    bytes -= kept.get(target)?.answer.body.length ?? 0
    kept.delete(target)
  }

  const keep = (target: string, answer: KeptAnswer): void => {
    const seconds = answer.status === 200 ? maxAgeOf(answer) : 0
    if (seconds === 0 || answer.body.length > bytesMax) return
    drop(target)
    kept.set(target, { answer, untilMs: now() + seconds * 1000 })
    bytes += answer.body.length
    for (const oldest of kept.keys()) {
      if (bytes <= bytesMax) return
      drop(oldest)
    }
  }

  const bring = async (target: string, ask: () => Promise<WireAnswer>): Promise<KeptAnswer> => {
    try {
      const asked = await ask()
      const answer = { ...asked, body: Buffer.from(asked.body) }
      keep(target, answer)
      return answer
    } finally {
      asking.delete(target)
    }
  }

  return {
    async answerTo(target, ask) {
      const found = kept.get(target)
      if (found !== undefined && now() < found.untilMs) return found.answer
      if (found !== undefined) drop(target)
      const sharing = asking.get(target)
      if (sharing !== undefined) {
        const shared = await sharing.catch(() => undefined)
        if (shared?.status === 200) return shared
      }
      const own = bring(target, ask)
      if (!asking.has(target)) asking.set(target, own)
      return own
    },
  }
}

/** Whole seconds that anyone may keep an answer for. */
function maxAgeOf({ headers }: Pick<WireAnswer, 'headers'>): number {
  const seconds = /^public, max-age=(\d{1,9})$/.exec(headers['cache-control'] ?? '')?.[1]
  return Math.min(SECONDS_MAX, Number(seconds ?? 0))
}
