/** What stands where nothing is yet, where nothing is at all, and where something went wrong. */
import type { ReactNode } from 'react'
import { t } from '../messages.ts'
import { Button } from './button.tsx'
import { classes } from './class-names.ts'

/** Has the size of what will take its place, so that nothing moves. */
export function Skeleton({ className }: { readonly className: string }) {
  return (
    <span aria-hidden="true" className={classes('waiting block rounded-sm bg-raised', className)} />
  )
}

/** Tells those who listen that something is on its way. */
export function Waiting({
  what,
  children,
}: {
  readonly what: string
  readonly children: ReactNode
}) {
  return (
    <div aria-busy="true">
      <span className="sr-only" role="status">
        {what}
      </span>
      {children}
    </div>
  )
}

/** Says the next step. */
export function Empty({
  title,
  children,
  action,
}: {
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
}) {
  return (
    <div className="grid justify-items-center gap-2 px-4 py-12 text-center">
      <p className="font-display text-lg font-bold">{title}</p>
      {children === undefined ? null : (
        <p className="max-w-[44ch] text-sm text-ink-2">{children}</p>
      )}
      {action === undefined ? null : <div className="mt-3">{action}</div>}
    </div>
  )
}

/** What went wrong, what to do, and the name under which the log knows it. */
export function Trouble({
  title,
  detail,
  requestId,
  onRetry,
  wholePage = false,
}: {
  readonly title: string
  /** Stands in place of a page, and has its heading. */
  readonly wholePage?: boolean
  readonly detail?: string | undefined
  readonly requestId?: string | undefined
  readonly onRetry?: (() => void) | undefined
}) {
  const Title = wholePage ? 'h1' : 'p'
  return (
    <div
      role="alert"
      className={classes(
        'grid justify-items-center gap-2 px-4 text-center',
        wholePage ? 'py-[18dvh]' : 'py-10',
      )}
    >
      <Title className={classes('font-display font-bold', wholePage ? 'text-2xl' : 'text-lg')}>
        {title}
      </Title>
      {detail === undefined ? null : <p className="max-w-[52ch] text-sm text-ink-2">{detail}</p>}
      {onRetry === undefined ? null : (
        <Button className="mt-3" onClick={onRetry}>
          {t('Try again')}
        </Button>
      )}
      {requestId === undefined ? null : (
        <p className="mt-2 text-xs text-ink-3">
          {t('Request')} <code className="font-code select-all">{requestId}</code>
        </p>
      )}
    </div>
  )
}
