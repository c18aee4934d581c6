import { Problem } from '@cnop/contract/problem.ts'
import { describe, expect, it } from 'vitest'
import { createCodeQuestions } from './code-questions.ts'

const REQUIRED = new Problem('second-factor-required')
const WRONG = new Problem('wrong-second-factor')

/** Takes one code, and remembers what it was given. */
function guarded(good: string) {
  const given: (string | undefined)[] = []
  const request = async (code: string | undefined): Promise<string> => {
    given.push(code)
    if (code === undefined) throw REQUIRED
    if (code !== good) throw WRONG
    return 'done'
  }
  return { given, request }
}

const settled = (): Promise<void> => new Promise((go) => setTimeout(go))

describe('a request that wants the second factor', () => {
  it('passes unasked where the account has none', async () => {
    const questions = createCodeQuestions()
    await expect(questions.pass(async (code) => code ?? 'no code')).resolves.toBe('no code')
    expect(questions.now()).toBeUndefined()
  })

  it('waits for a code, and asks again with the refusal while codes are wrong', async () => {
    const questions = createCodeQuestions()
    const { given, request } = guarded('222222')
    const passed = questions.pass(request)
    await settled()
    expect(questions.now()).toMatchObject({ refusal: undefined, busy: false })
    questions.now()?.answer('111111')
    expect(questions.now()?.busy).toBe(true)
    await settled()
    expect(questions.now()).toMatchObject({ refusal: WRONG, busy: false })
    questions.now()?.answer('222222')
    await expect(passed).resolves.toBe('done')
    expect(given).toEqual([undefined, '111111', '222222'])
    expect(questions.now()).toBeUndefined()
  })

  it('ends with the first refusal where no code is given', async () => {
    const questions = createCodeQuestions()
    const passed = questions.pass(guarded('222222').request)
    await settled()
    questions.now()?.giveUp()
    await expect(passed).rejects.toBe(REQUIRED)
    expect(questions.now()).toBeUndefined()
  })

  it('goes on when the dialog is closed after the code was given, and comes back if it was wrong', async () => {
    const questions = createCodeQuestions()
    const passed = questions.pass(guarded('222222').request)
    await settled()
    questions.now()?.answer('111111')
    questions.now()?.giveUp()
    expect(questions.now()).toBeUndefined()
    await settled()
    expect(questions.now()?.refusal).toBe(WRONG)
    questions.now()?.answer('222222')
    await expect(passed).resolves.toBe('done')
  })

  it('ends with a refusal that is not about the code', async () => {
    const questions = createCodeQuestions()
    const refusal = new Problem('insufficient-funds')
    const passed = questions.pass(async (code) => {
      throw code === undefined ? REQUIRED : refusal
    })
    await settled()
    questions.now()?.answer('222222')
    await expect(passed).rejects.toBe(refusal)
    expect(questions.now()).toBeUndefined()
  })

  it('waits until another was answered', async () => {
    const questions = createCodeQuestions()
    const [first, second] = [guarded('111111'), guarded('222222')]
    const both = Promise.all([questions.pass(first.request), questions.pass(second.request)])
    await settled()
    questions.now()?.answer('111111')
    await settled()
    expect(first.given).toEqual([undefined, '111111'])
    expect(second.given).toEqual([undefined])
    questions.now()?.answer('222222')
    await expect(both).resolves.toEqual(['done', 'done'])
  })

  it('tells who draws the question of every step', async () => {
    const questions = createCodeQuestions()
    const seen: (boolean | undefined)[] = []
    const stop = questions.onChange(() => seen.push(questions.now()?.busy))
    const passed = questions.pass(guarded('111111').request)
    await settled()
    questions.now()?.answer('111111')
    await passed
    stop()
    expect(seen).toEqual([false, true, undefined])
  })
})
