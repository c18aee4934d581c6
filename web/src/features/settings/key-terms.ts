/** What somebody types about a new API key, as the platform takes it. */
import type { createApiKey } from '@cnop/contract/api-key.ts'
import { type BodyOf, KEY_SCOPES, type KeyScope } from '@cnop/contract/route.ts'

export const EXPIRIES = ['30', '90', '365', 'day', 'never'] as const
export type Expiry = (typeof EXPIRIES)[number]

export type KeyForm = {
  readonly name: string
  readonly password: string
  readonly scopes: Readonly<Record<KeyScope, boolean>>
  /** Separated by commas or blanks. */
  readonly addresses: string
  /** So many days from now, on a day, or never. */
  readonly expiry: Expiry
  readonly day: string
}

const DAY_MS = 86_400_000

export const addressesIn = (text: string): string[] =>
  text.split(/[\s,;]+/).filter((part) => part !== '')

export function termsOf(
  { name, password, scopes, addresses, expiry, day }: KeyForm,
  nowMs: number,
): BodyOf<typeof createApiKey> {
  const given = addressesIn(addresses)
  const expiresAt = expiryOf(expiry, day, nowMs)
  return {
    name,
    password,
    scopes: KEY_SCOPES.filter((scope) => scopes[scope]),
    ...(given.length === 0 ? {} : { addresses: given }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  }
}

function expiryOf(expiry: Expiry, day: string, nowMs: number): string | undefined {
  if (expiry === 'never') return undefined
  if (expiry === 'day') return `${day}T23:59:59Z`
  return new Date(nowMs + Number(expiry) * DAY_MS).toISOString()
}
