/** What is counted, timed and written down of a request: by the door and by every service alike. */
import type { ServerResponse } from 'node:http'
import type { ServiceName } from '@cnop/contract/route.ts'
import type { Log } from './log.ts'
import type { Telemetry } from './telemetry.ts'

type Line = () => Readonly<Record<string, unknown>>

export type Observe = {
  /** Watches a request from here to the end of its answer; `line` is asked only where it is logged. */
  watch(response: ServerResponse, line: Line): void
  /** The same for a request that was answered already. */
  answered(answer: { readonly status: number; readonly startedAt: number }, line: Line): void
}

/** A caller that left before the answer has no status; logs of other servers know it as this. */
const STATUS_OF_NO_ANSWER = 499

export function requestObserver(parts: {
  readonly service: ServiceName
  readonly telemetry: Telemetry
  readonly log: Log
  readonly level: 'info' | 'debug'
}): (action: { readonly name: string; readonly timed: boolean }) => Observe {
  const { service, telemetry, log, level } = parts
  const total = telemetry.counter('http_requests_total', 'Requests answered', [
    'service',
    'route',
    'status',
  ])
  const seconds = telemetry.histogram(
    'http_request_duration_seconds',
    'Time to the end of the answer',
    ['service', 'route'],
  )
  return ({ name: route, timed }) => {
    const duration = timed ? seconds.labels({ service, route }) : undefined
    const counted = new Map<number, ReturnType<typeof total.labels>>()
    const count = (status: number): void => {
      const known = counted.get(status) ?? total.labels({ service, route, status: String(status) })
      counted.set(status, known)
      known.inc()
    }
    const answered: Observe['answered'] = ({ status, startedAt }, line) => {
      const durationMs = performance.now() - startedAt
      count(status)
      duration?.observe(durationMs / 1000)
      if (!log.isLevelEnabled(level)) return
      const duration_ms = Math.round(durationMs * 1000) / 1000
      log[level]({ action: route, status, duration_ms, ...line() }, 'answered')
    }
    return {
      answered,
      watch(response, line) {
        const startedAt = performance.now()
        response.once('close', () => {
          const status = response.headersSent ? response.statusCode : STATUS_OF_NO_ANSWER
          answered({ status, startedAt }, line)
        })
      },
    }
  }
}
