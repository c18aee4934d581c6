import { useEffect } from 'react'
import { useForm } from 'react-hook-form'
import { bareCode, CodeField } from '../client/code-field.tsx'
import type { CodeQuestion } from '../client/code-questions.ts'
import { refusalWords } from '../client/refusal-words.ts'
import { t } from '../messages.ts'
import { Dialog } from '../ui/dialog.tsx'
import { SheetForm } from '../ui/form-page.tsx'

/** Asks for the second factor over whatever is open; below it everything stays as it was typed. */
export function CodeDialog({ question }: { readonly question: CodeQuestion }) {
  const form = useForm({ defaultValues: { code: '' }, mode: 'onSubmit' })
  const { refusal } = question
  useEffect(() => {
    if (refusal === undefined) return
    form.setError('code', { message: refusalWords(refusal).detail })
    form.setFocus('code', { shouldSelect: true })
  }, [refusal, form])
  return (
    <Dialog open onClose={question.giveUp} title={t('Is it you?')}>
      <div className="p-5">
        <p className="mb-5 text-sm text-ink-2">
          {t('Your account asks for its second factor before this is done.')}
        </p>
        <SheetForm
          form={form}
          onSubmit={form.handleSubmit(({ code }) => question.answer(bareCode(code)))}
          busy={question.busy}
          action={t('Go on')}
        >
          <CodeField form={form} name="code" />
        </SheetForm>
      </div>
    </Dialog>
  )
}
