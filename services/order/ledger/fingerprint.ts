/** A request's fingerprint: the same request has the same one, whatever the order of its fields. */
import { hash } from 'node:crypto'
import type { Route } from '@cnop/contract/route.ts'

/** 132 bits: no two requests under one key meet by accident. */
const FINGERPRINT_LENGTH = 22

export function fingerprintOf(asked: {
  readonly route: Pick<Route, 'name' | 'method'>
  readonly params: unknown
  readonly body: unknown
}): string {
  const { route, params, body } = asked
  const text = canonicalJson([route.method, route.name, params, body ?? null])
  return hash('sha256', text, 'base64url').slice(0, FINGERPRINT_LENGTH)
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  )
}
