import { lazy, Suspense, useSyncExternalStore } from 'react'
import { codeQuestions } from '../client/door.ts'

const CodeDialog = lazy(async () => ({ default: (await import('./code-dialog.tsx')).CodeDialog }))

/** Stands in the frame, so that a request of any page can wait for a code. */
export function CodeAsker() {
  const question = useSyncExternalStore(
    codeQuestions.onChange,
    codeQuestions.now,
    codeQuestions.now,
  )
  return <Suspense>{question === undefined ? null : <CodeDialog question={question} />}</Suspense>
}
