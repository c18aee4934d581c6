/** A refusal, beside the field it is about; what was typed stays. */
import { Problem, type ProblemCode } from '@cnop/contract/problem.ts'
import type { FieldPath, FieldValues, UseFormSetError } from 'react-hook-form'
import { refusalLine, refusalWords } from './refusal-words.ts'

const SECOND = 1_000

/** Refusals without a list of fields that are still about one. */
export type FieldOfCode = Readonly<Partial<Record<ProblemCode, string>>>

export function showRefusal<Values extends FieldValues>(
  error: unknown,
  form: {
    readonly setError: UseFormSetError<Values>
    readonly fields: readonly FieldPath<Values>[]
    readonly fieldOf?: FieldOfCode
  },
): void {
  if (!(error instanceof Problem)) {
    form.setError('root', { message: refusalLine(error) })
    return
  }
  const byCode = form.fieldOf?.[error.code]
  const said =
    byCode === undefined
      ? error.errors
      : [{ field: byCode, message: refusalWords(error).detail }, ...error.errors]
  const placed = said.flatMap(({ field, message }) => {
    const name = form.fields.find((one) => one === field)
    return name === undefined ? [] : [{ name, message }]
  })
  for (const [index, { name, message }] of placed.entries())
    form.setError(name, { message }, { shouldFocus: index === 0 })
  if (placed.length === 0) form.setError('root', wholeOf(error))
}

/** With the moment before which it is no use to try again, where the platform named one. */
function wholeOf(problem: Problem): { readonly message: string; readonly type?: string } {
  const { retryAfterSeconds: seconds } = problem
  const message = refusalLine(problem, { wait: false })
  return seconds === undefined
    ? { message }
    : { message, type: String(Date.now() + seconds * SECOND) }
}
