/**
 * A request that is refused without the second factor is repeated with a code, once there is one.
 * Whoever sent it waits meanwhile, with everything that was typed, and knows nothing of it.
 */
import { Problem, type ProblemCode } from '@cnop/contract/problem.ts'

/** What is asked now, for the dialog that asks it. */
export type CodeQuestion = {
  /** Why the last code was not taken. */
  readonly refusal: Problem | undefined
  /** A code was given, and the request is on its way with it: there is no way back. */
  readonly busy: boolean
  answer(code: string): void
  giveUp(): void
}

export type CodeQuestions = {
  now(): CodeQuestion | undefined
  onChange(listener: () => void): () => void
  /** Throws `second-factor-required` where no code is given, and whatever else the request does. */
  pass<T>(request: (code: string | undefined) => Promise<T>): Promise<T>
}

export function createCodeQuestions(): CodeQuestions {
  const listeners = new Set<() => void>()
  let question: CodeQuestion | undefined
  /** One question at a time: the next waits for the one before. */
  let turn: Promise<unknown> = Promise.resolve()

  function become(next: CodeQuestion | undefined): void {
    question = next
    for (const listener of listeners) listener()
  }

  const nextCode = (refusal: Problem | undefined): Promise<string | undefined> =>
    new Promise((resolve) => {
      become({
        refusal,
        busy: false,
        giveUp: () => resolve(undefined),
        answer(code) {
          become({ refusal: undefined, busy: true, answer() {}, giveUp: () => become(undefined) })
          resolve(code)
        },
      })
    })

  /** `first` is what is thrown where no code is given, `last` why the last one was not taken. */
  async function repeat<T>(
    request: (code: string) => Promise<T>,
    { first, last }: { readonly first: Problem; readonly last?: Problem },
  ): Promise<T> {
    const code = await nextCode(last)
    if (code === undefined) throw first
    try {
      return await request(code)
    } catch (error) {
      if (!isProblem(error, 'wrong-second-factor')) throw error
      return repeat(request, { first, last: error })
    }
  }

  return {
    now: () => question,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async pass(request) {
      try {
        return await request(undefined)
      } catch (error) {
        if (!isProblem(error, 'second-factor-required')) throw error
        const mine = turn
          .then(() => repeat(request, { first: error }))
          .finally(() => become(undefined))
        turn = mine.catch(() => undefined)
        return mine
      }
    },
  }
}

const isProblem = (error: unknown, code: ProblemCode): error is Problem =>
  error instanceof Problem && error.code === code
