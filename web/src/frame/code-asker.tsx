import { useSyncExternalStore } from 'react'
import { codeQuestions } from '../client/door.ts'
import { onDemand } from '../ui/on-demand.tsx'

const CodeDialog = onDemand(async () => (await import('./code-dialog.tsx')).CodeDialog)

/** Stands in the frame, so that a request of any page can wait for a code. */
export function CodeAsker() {
  const question = useSyncExternalStore(
    codeQuestions.onChange,
    codeQuestions.now,
    codeQuestions.now,
  )
  return question === undefined ? null : <CodeDialog question={question} />
}
