import type { FormEvent, ReactNode } from 'react'
import { t } from '../messages.ts'
import { useNow } from './use-now.ts'

const SECOND = 1_000

/** What is wrong with a form as a whole. Digits for its type are the moment before which it is no use to try again; milliseconds. */
export type FormTrouble = {
  readonly message?: string | undefined
  readonly type?: string | number | undefined
}

/** What its hook knows of a form while and after it is sent. */
export type SentForm = {
  readonly formState: {
    readonly isSubmitting: boolean
    readonly errors: { readonly root?: FormTrouble | undefined }
  }
}

export type SendForm = (event: FormEvent<HTMLFormElement>) => Promise<void>

/** The seconds that are left of what the platform asked to wait. */
export function useTroubleSeconds(trouble: FormTrouble | undefined): number {
  const untilMs = Number(/^[0-9]+$/.exec(String(trouble?.type ?? ''))?.[0] ?? 0)
  const now = useNow(untilMs > 0)
  return Math.max(0, Math.ceil((untilMs - now) / SECOND))
}

/** Says it, and counts down. */
export function FormTroubleLine({
  trouble,
  secondsLeft,
}: {
  readonly trouble: FormTrouble | undefined
  readonly secondsLeft: number
}) {
  if (trouble?.message === undefined) return null
  return (
    <div className="rounded-md border border-danger px-3 py-2 text-sm text-danger">
      <p role="alert">{trouble.message}</p>
      {secondsLeft === 0 ? null : (
        <p>
          {t('Try again in {seconds, plural, one {# second} other {# seconds}}.', {
            seconds: secondsLeft,
          })}
        </p>
      )}
    </div>
  )
}

export function TroubleLine({ children }: { readonly children: ReactNode }) {
  return (
    <p role="alert" className="rounded-md border border-danger px-3 py-2 text-sm text-danger">
      {children}
    </p>
  )
}
