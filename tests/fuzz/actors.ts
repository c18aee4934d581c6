/** Who asks: strangers, customers, their keys, and customers with a second factor. */

import { beginSecondFactor, confirmSecondFactor } from '@cnop/contract/second-factor.ts'
import { type Authenticator, authenticatorFor } from '../authenticator.ts'
import { type Customer, newApiKey, newCustomer, newUsername, PASSWORD } from '../customers.ts'
import { lettersTo } from '../letters.ts'
import type { RunningPlatform } from '../topologies.ts'
import type { Recalled } from './schema-values.ts'

export const ROLES = ['stranger', 'customer', 'reader', 'trader', 'guarded'] as const
export type Role = (typeof ROLES)[number]

/** How many of a kind are remembered. */
const REMEMBERED_MAX = 20

/** What answers hold that a later request can use. */
const HARVESTED: Readonly<Record<string, string>> = {
  order_id: 'order_id',
  session_id: 'session_id',
  key_id: 'key_id',
  next_cursor: 'cursor',
  client_order_id: 'client_order_id',
}

export class Actor {
  readonly role: Role
  readonly #platform: RunningPlatform
  readonly #known = new Map<string, unknown[]>()
  #customer: Customer | undefined
  #token: string | undefined
  #password = PASSWORD
  #authenticator: Authenticator | undefined
  #recoveryCodes: string[] = []

  constructor(role: Role, platform: RunningPlatform) {
    this.role = role
    this.#platform = platform
  }

  get token(): string | undefined {
    return this.#token
  }

  /** As a browser would send it with what concerns signing in. */
  get cookie(): string | undefined {
    return this.#customer?.cookie
  }

  /** Becomes somebody new, with money; whoever it was before is left alone. */
  async renew(): Promise<void> {
    if (this.role === 'stranger') return
    const { url } = this.#platform
    const customer = await newCustomer(url)
    await customer.deposit('5000')
    this.#known.clear()
    this.#harvest(
      await customer.order({ order_type: 'market_buy', asset_id: 'BTC', notional: '100' }),
    )
    this.#password = PASSWORD
    this.#customer = customer
    this.#token = customer.token
    if (this.role === 'reader') this.#token = (await newApiKey(customer, ['read'])).secret
    if (this.role === 'trader') this.#token = (await newApiKey(customer, ['trade'])).secret
    if (this.role === 'guarded' || this.role === 'customer') await this.#beginFactor(customer)
    if (this.role === 'guarded') await this.#switchFactorOn(customer)
  }

  async #beginFactor(customer: Customer): Promise<void> {
    const { data } = await customer.call(beginSecondFactor, { body: { password: PASSWORD } })
    this.#authenticator = authenticatorFor(data.uri)
  }

  async #switchFactorOn(customer: Customer): Promise<void> {
    const confirmed = await customer.call(confirmSecondFactor, {
      body: { code: this.#authenticator?.code() ?? '' },
    })
    this.#recoveryCodes = [...confirmed.data.recovery_codes]
  }

  async recall({ name, pick }: Recalled): Promise<unknown> {
    const username = this.#customer?.username ?? newUsername()
    switch (name) {
      case 'username':
        return username
      case 'email':
        return `${username}@example.org`
      case 'new_username':
        return newUsername()
      case 'new_email':
        return `${newUsername()}@example.org`
      case 'password':
        return this.#password
      case '/verify-email':
      case '/reset-password':
        return this.#linkToken(`${username}@example.org`, name)
      case 'code':
        return this.#code()
      default:
        return this.#remembered(name, pick)
    }
  }

  async #linkToken(address: string, linkPath: string): Promise<unknown> {
    const letters = await lettersTo(this.#platform.dataDir, address)
    const last = letters.findLast((letter) => letter.linkPath === linkPath)
    return last?.linkToken ?? 'n'.repeat(43)
  }

  /** One of the app while there is one that was not shown, then a recovery code. */
  #code(): unknown {
    try {
      return this.#authenticator?.code() ?? '000000'
    } catch {
      return this.#recoveryCodes.pop() ?? '000000'
    }
  }

  #remembered(name: string, pick: number): unknown {
    const values = this.#known.get(name) ?? []
    return values[pick % (values.length || 1)] ?? `no_${name}`
  }

  /** Learns from what was answered to what it asked. */
  learn(operation: string, sent: unknown, answer: unknown): void {
    this.#harvest(answer)
    const body = (sent ?? {}) as Record<string, unknown>
    if (operation === 'changePassword' || operation === 'resetPassword') {
      this.#password = String(body['new_password'])
    }
    if (operation === 'beginSecondFactor') {
      const { data } = answer as { data: { uri: string } }
      this.#authenticator = authenticatorFor(data.uri)
    }
    if (operation === 'confirmSecondFactor') {
      const { data } = answer as { data: { recovery_codes: string[] } }
      this.#recoveryCodes = [...data.recovery_codes]
    }
  }

  #harvest(value: unknown): void {
    if (typeof value !== 'object' || value === null) return
    for (const [name, item] of Object.entries(value)) {
      const as = HARVESTED[name]
      if (as !== undefined) this.#remember(as, item)
      else this.#harvest(item)
    }
  }

  #remember(name: string, value: unknown): void {
    const values = this.#known.get(name) ?? []
    if (values.includes(value)) return
    this.#known.set(name, [...values, value].slice(-REMEMBERED_MAX))
  }
}
