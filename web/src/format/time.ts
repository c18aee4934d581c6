/** Instants of the wire as people read them, in the chosen zone. */
import { timeFormat } from './formats.ts'

export const showTime = (instant: string | number): string =>
  timeFormat({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(
    new Date(instant),
  )

export const showDate = (instant: string): string =>
  timeFormat({ year: 'numeric', month: 'short', day: 'numeric' }).format(new Date(instant))

export const showMoment = (instant: string): string =>
  timeFormat({
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(instant))
