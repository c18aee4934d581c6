/** What a customer asks of an API key, as it is kept. */
import type { createApiKey } from '@cnop/contract/api-key.ts'
import { type FieldError, Problem } from '@cnop/contract/problem.ts'
import type { BodyOf } from '@cnop/contract/route.ts'
import { isNetwork, spellNetwork } from '@cnop/kit/networks.ts'
import type { ApiKey } from './api-key-rows.ts'

export type ApiKeyTerms = Pick<ApiKey, 'name' | 'scopes' | 'addresses' | 'expires'>

const YEARS_MAX = 10

/** Throws `invalid-input` that names every field that cannot be kept. */
export function termsOf(body: BodyOf<typeof createApiKey>, nowMs: number): ApiKeyTerms {
  const { name, scopes, addresses = [], expires_at: expiresAt } = body
  const errors = [...addressErrors(addresses), ...expiryErrors(expiresAt, nowMs)]
  if (errors.length > 0) throw new Problem('invalid-input', { errors })
  return {
    name,
    scopes,
    addresses: [...new Set(addresses.map(spellNetwork))],
    expires: expiresAt === undefined ? undefined : Math.floor(Date.parse(expiresAt) / 1000),
  }
}

const addressErrors = (addresses: readonly string[]): readonly FieldError[] =>
  addresses.flatMap((address, index) =>
    isNetwork(address)
      ? []
      : [
          {
            field: `addresses.${index}`,
            message: 'Give an address or a network such as 203.0.113.7 or 10.0.0.0/8.',
          },
        ],
  )

function expiryErrors(expiresAt: string | undefined, nowMs: number): readonly FieldError[] {
  if (expiresAt === undefined) return []
  const latest = new Date(nowMs)
  latest.setUTCFullYear(latest.getUTCFullYear() + YEARS_MAX)
  const wholeSecondMs = Math.floor(Date.parse(expiresAt) / 1000) * 1000
  if (wholeSecondMs > nowMs && wholeSecondMs <= latest.getTime()) return []
  const message = `Give a time to come, within ${YEARS_MAX} years.`
  return [{ field: 'expires_at', message }]
}
